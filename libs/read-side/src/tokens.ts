/** Injection tokens of the read side. */
export const READ_SIDE = Symbol('read side');
