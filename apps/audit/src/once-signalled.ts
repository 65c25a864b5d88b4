const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Sees to it that something is cleared away also when the process is told to end meanwhile, which it then does as if
 * nobody had listened.
 *
 * @returns stops listening
 */
export function onceSignalled(clearAway: () => void): () => void {
  const end = (signal: NodeJS.Signals): void => {
    stop();
    clearAway();
    process.kill(process.pid, signal);
  };
  const stop = (): void => SIGNALS.forEach((signal) => process.off(signal, end));
  for (const signal of SIGNALS) process.on(signal, end);
  return stop;
}
