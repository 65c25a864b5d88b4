import type { Writable } from 'node:stream';

/** Writes text to a stream. Whoever reads it may have heard enough (`| head`): the rest of the work is done unheard. */
export function textTo(stream: Writable): (text: string) => void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return (text) => void stream.write(text);
}
