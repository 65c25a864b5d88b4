/**
 * How a ledger's process is started, here and in the image (see Dockerfile). A batch in hand outlives the default young
 * generation (16 MiB) and would be copied around by the collector; and collectors of several threads, each helped by
 * several more, cost more on a few cores than they save (measured: 8 % of the CPU time per event). Nor does it pay to
 * collect before the young generation is full, which a task of its own would do whenever four fifths of it are (6 %).
 * And what is allocated stays young until it has survived: in every second run or so the collector concluded from the
 * first seconds that some of what waits had better be old from the start, and then had twice the work for good (5 %).
 */
export const NODE_FLAGS = [
  '--enable-source-maps',
  '--max-semi-space-size=64',
  '--no-parallel-scavenge',
  '--no-minor-gc-task',
  '--no-allocation-site-pretenuring',
];
