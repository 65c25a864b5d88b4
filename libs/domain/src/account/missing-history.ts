/** A decision was asked for without the facts that `needsHistory` names: the caller's defect, not a refusal. */
export class MissingHistory extends Error {
  override readonly name = 'MissingHistory';
  constructor(readonly what: string) {
    super(`deciding needs history that was not handed in: ${what}`);
  }
}
