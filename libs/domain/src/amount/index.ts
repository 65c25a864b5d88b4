export { Amount } from './amount.js';
export { debitAmount } from './debit-amount.js';
export { AmountOverflow, InvalidAmount } from './errors.js';
