/**
 * How a ledger's process is started, here and in the image (see Dockerfile). A batch in hand outlives the default young
 * generation (16 MiB) and would be copied around by the collector; and collectors of several threads, each helped by
 * several more, cost more on a few cores than they save (measured: 8 % of the CPU time per event). Nor does it pay to
 * collect before the young generation is full, which a task of its own would do whenever four fifths of it are (6 %).
 */
export const NODE_FLAGS = [
  '--enable-source-maps',
  '--max-semi-space-size=64',
  '--no-parallel-scavenge',
  '--no-minor-gc-task',
];
