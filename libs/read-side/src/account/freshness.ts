/** How far the read store is behind the event store, as far as this process has heard. */
export interface Freshness {
  /**
   * Whether the read store is so far behind that a row of it says nothing of now: it is being rebuilt, or its
   * projector was away. Also while nothing has been heard.
   */
  isFarBehind(): boolean;
}

/** Where rows are as fresh as they get. */
export const ALWAYS_FRESH: Freshness = { isFarBehind: () => false };
