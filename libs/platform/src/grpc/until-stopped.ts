/**
 * What an iterator gives until it ends or the signal aborts. By then something may be on its way out of it: that is
 * left where it is, and the iterator is left open, as whoever it belongs to has other use for it.
 */
export async function* untilStopped<T>(source: AsyncIterator<T>, stop: AbortSignal): AsyncGenerator<T> {
  // One listener for all turns: one for each turn would have to be looked for among those of all other calls.
  let giveUp = (): void => undefined;
  const stopped = (): void => {
    giveUp();
  };
  stop.addEventListener('abort', stopped);
  try {
    while (!stop.aborted) {
      const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        giveUp = () => {
          resolve(undefined);
        };
        source.next().then(resolve, reject);
      });
      if (!next || next.done === true) return;
      yield next.value;
    }
  } finally {
    stop.removeEventListener('abort', stopped);
  }
}
