/** The process is on its way out: another one will answer. */
export class ShuttingDown extends Error {
  override readonly name = 'ShuttingDown';
  constructor() {
    super('this process is shutting down');
  }
}
