/** Servers that speak differently of how far a filtered subscription has looked. */
export type ServerVersion = '23.10.7' | '24.10.0' | '25.0.0' | '25.1.4';

export const SERVER_VERSIONS: readonly ServerVersion[] = ['23.10.7', '24.10.0', '25.0.0', '25.1.4'];

/** Where a subscription stands that catches up, when it has come to the end of a page. */
export interface PageEnd {
  /** The last position that was told of, or where the subscription began. */
  readonly reached: bigint | undefined;
  /** The first record of the page. */
  readonly start: bigint | undefined;
  /** Where the next record of the log will stand. */
  readonly logEnd: bigint;
}

/** Which checkpoints a server sends while a subscription catches up; once live, they all send the same. */
export interface Dialect {
  /** When the interval is over. */
  onTheWay(page: PageEnd): bigint | undefined;
  /** At the end of the log, before "caught up". */
  atEnd(page: PageEnd): bigint | undefined;
}

/** What -1 looks like once it is unsigned. */
const NOWHERE = 2n ** 64n - 1n;

const later = (one: bigint | undefined, other: bigint | undefined): bigint | undefined =>
  one === undefined || (other !== undefined && other > one) ? other : one;

const startOfPage = ({ reached, start }: PageEnd): bigint | undefined => later(reached, start);

export const DIALECTS: Readonly<Record<ServerVersion, Dialect>> = {
  '23.10.7': { onTheWay: startOfPage, atEnd: () => undefined },
  /** 24.2 to 24.10.4: nothing was sent and nobody named a position, and so it is "nowhere yet". */
  '24.10.0': { onTheWay: startOfPage, atEnd: ({ reached }) => reached ?? NOWHERE },
  /** The start of the last page, which is empty: the place of a record that is still to come. */
  '25.0.0': { onTheWay: startOfPage, atEnd: ({ reached, logEnd }) => later(reached, logEnd) },
  /** Also 24.10.5 and later. */
  '25.1.4': { onTheWay: startOfPage, atEnd: (page) => startOfPage(page) ?? 0n },
};
