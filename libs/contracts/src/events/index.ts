export {
  decodeAccountEvent,
  decodeCatalogEvent,
  decodeEvent,
  encodeEvent,
  isAccountEvent,
  isAccountEventType,
  StoredEventInvalid,
  type EncodedEvent,
} from './event-codec.js';
export { Unwritable } from './json-writer.js';
export {
  ledgerEventSchemas,
  type AccountEventType,
  type CatalogEventType,
  type LedgerEvent,
  type LedgerEventType,
} from './ledger-event-schemas.js';
export {
  chainEvent,
  chainHash,
  contentFault,
  GENESIS_HASH,
  linkFault,
  MetadataInvalid,
  readLink,
  type ChainedContent,
  type ChainedEvent,
  type ChainLink,
} from './hash-chain.js';
export { EVENT_ID_NAMESPACE, eventIdOf } from './event-id.js';
export { occurredAtOf } from './occurred-at.js';
export { currentVersion } from './upcasters.js';
