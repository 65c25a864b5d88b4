/** What was looked at when something did not add up. */
export type Check = 'chain' | 'revision' | 'conservation' | 'draws' | 'twice' | 'unreadable' | 'catalog';

/** Something that does not add up. */
export interface Finding {
  /** The event it was found at. */
  readonly revision: number;
  readonly check: Check;
  /** What was expected, and what stands there. */
  readonly message: string;
}

/** Says what is wrong with the event in hand. */
export type Fault = (check: Check, message: string) => void;
