/** The brokers did not do what was asked of them, however often it was tried. What had been done before stands. */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable';
}
