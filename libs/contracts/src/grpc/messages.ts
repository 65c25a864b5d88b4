/** Messages and services of `purser.v1`, generated from schemas/proto. */
export * from './generated/purser/v1/types.js';
export * from './generated/purser/v1/ledger.js';
export * from './generated/purser/v1/catalog.js';
export * from './generated/purser/v1/wallet.js';
export * from './generated/purser/v1/audit.js';
export type { Timestamp } from './generated/google/protobuf/timestamp.js';
