/** Writes text and resolves once it is written: a slow pipe holds the reading back. */
export type Writer = (text: string) => Promise<void>;

/** Whoever read the output has heard enough (`| head`). */
export class NobodyReads extends Error {
  override readonly name = 'NobodyReads';
  constructor() {
    super('the output was closed');
  }
}

/** There is no room for the output, or it is of no use otherwise. */
class OutputFailed extends Error {
  override readonly name = 'OutputFailed';
}

export function writerOf(stream: NodeJS.WritableStream): Writer {
  // Each text tells its own failure to whoever writes it.
  stream.on('error', () => undefined);
  return (text) =>
    new Promise((resolve, reject) => {
      stream.write(text, (error?: NodeJS.ErrnoException | null) => {
        if (!error) resolve();
        else if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') reject(new NobodyReads());
        else reject(new OutputFailed(`standard output: ${error.message}`, { cause: error }));
      });
    });
}
