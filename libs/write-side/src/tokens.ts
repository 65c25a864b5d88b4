/** Injection tokens of the write side. */
export const WRITE_SIDE = Symbol('write side');
export const DEAD_LETTERS = Symbol('dead letters');
export const EVENT_STORE = Symbol('event store');
