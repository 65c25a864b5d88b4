export * from './amount/index.js';
export * from './time/index.js';
export * from './characters.js';
export * from './rejection.js';
export * from './catalog/index.js';
export * from './rating/index.js';
export * from './account/index.js';
