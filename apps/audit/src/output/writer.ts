import { once } from 'node:events';

/** Writes text and resolves when there is room for more: a slow pipe holds the reading back. */
export type Writer = (text: string) => Promise<void>;

/** Whoever read the output has heard enough (`| head`). */
export class NobodyReads extends Error {
  override readonly name = 'NobodyReads';
  constructor() {
    super('the output was closed');
  }
}

export function writerOf(stream: NodeJS.WriteStream): Writer {
  let closed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed = true;
    stream.emit('drain');
  });
  return async (text) => {
    if (closed) throw new NobodyReads();
    if (!stream.write(text)) await once(stream, 'drain');
  };
}
