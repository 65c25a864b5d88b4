/**
 * What `read` makes of the command line of a tool. Where that makes no sense the process ends with status 2, and says
 * why and what would.
 */
export function optionsOrExit<Options>(usage: string, read: () => Options): Options {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    process.exit(2);
  }
}

/** @throws RangeError naming the option that is no whole number, or too small a one */
export function wholeNumber(option: string, text: string, least = 1): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`--${option} ${text}: expected a whole number from ${least}`);
}
