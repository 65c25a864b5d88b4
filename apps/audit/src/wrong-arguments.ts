/** The command line cannot be understood, or names what is not there. */
export class WrongArguments extends Error {
  override readonly name = 'WrongArguments';
}
