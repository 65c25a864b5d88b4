/** How a ledger's process is started: flags of Node. */
export const NODE_FLAGS: readonly string[];
