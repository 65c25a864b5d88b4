export * from './rows.js';
export * from './told-transaction.js';
export type { RecordedAccountEvent } from './recorded-event.js';
export { projectAccount } from './project-account.js';
export { decodeAccountState, encodeAccountState } from './account-snapshot.js';
export { encodeMoving, haveSameTerms, withMoving } from './moving-snapshot.js';
export { decodeGrant, encodeGrant } from './grant-snapshot.js';
export { holdIdentity, identitiesOf, type Identity } from './identities.js';
export * from './stored-amount.js';
