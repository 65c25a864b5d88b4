let last = Promise.resolve();

/**
 * Lets timers and sockets have their turn, whoever has kept the process busy. Of all who wait for it, one goes on in each
 * turn of the event loop.
 */
export function yieldToEventLoop(): Promise<void> {
  return (last = last.then(() => new Promise((resolve) => setImmediate(resolve))));
}
