export * from './checkpoint.js';
export * from './checkpoint-file.js';
export * from './checkpoint-signature.js';
