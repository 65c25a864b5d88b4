/** Applying a file ended before its end: one line for each thing that there is to say of it. */
export class ApplyStopped extends Error {
  override readonly name = 'ApplyStopped';
  constructor(
    readonly lines: readonly string[],
    override readonly cause: unknown,
  ) {
    super(lines.join('\n'), { cause });
  }
}
