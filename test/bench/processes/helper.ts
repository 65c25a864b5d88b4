/** The other end of `runHelper`: works on the one task it is sent and answers it. */
export function answerTask(work: (task: never) => Promise<object>): void {
  process.once('message', (task) => {
    work(task as never).then(
      (answer) => process.send?.(answer),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        process.exit(1);
      },
    );
  });
  // The bench is gone: so are we.
  process.once('disconnect', () => process.exit(0));
}
