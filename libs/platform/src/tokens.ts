/** Injection tokens of what has no class of its own. */
export const CLOCK = Symbol('clock');
export const LOGGER = Symbol('logger');
export const METRICS = Symbol('metrics');
export const SETTINGS = Symbol('settings');
