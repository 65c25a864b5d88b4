export * from './credit-system.js';
export * from './plan.js';
export * from './events.js';
export * from './state.js';
