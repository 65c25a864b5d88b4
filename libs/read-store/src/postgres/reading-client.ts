import pg from 'pg';

/**
 * A connection whose transactions only read: the server refuses the rest. The URL's own options stay, and take precedence
 * over any that are given beside it, so this one joins them once pg has read the URL.
 */
export class ReadingClient extends pg.Client {
  /** What pg keeps to itself. Its version is pinned, and the suite would fail at once if this went away. */
  declare private readonly connectionParameters: { options?: string };

  constructor(config?: pg.ClientConfig) {
    super(config);
    const parameters = this.connectionParameters;
    parameters.options = [parameters.options, '-c default_transaction_read_only=on']
      .filter(Boolean)
      .join(' ');
  }
}
