/** The revision that a reader asked for did not come into the read store in time: the projector is behind. */
export class RevisionNotVisible extends Error {
  override readonly name = 'RevisionNotVisible';
  constructor(
    readonly customerId: string,
    readonly revision: number,
    readonly waitedMs: number,
  ) {
    super(`account ${customerId}: revision ${revision} is not in the read store after ${waitedMs} ms`);
  }
}

/** More readers wait or watch than this process is willing to serve. */
export class ChangeFeedFull extends Error {
  override readonly name = 'ChangeFeedFull';
  constructor(readonly watches: number) {
    super(`${watches} readers wait for changes already`);
  }
}
