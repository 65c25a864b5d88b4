export { alertOf, isWorthAnAlert, type PlacedAccountEvent } from './alert-of.js';
export { ALERT_SCHEMA_VERSION, alertSchemas, type Alert, type AlertKind } from './alert-schemas.js';
