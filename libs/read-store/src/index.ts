export * from './port.js';
export { identityDigest } from './identity-digest.js';
