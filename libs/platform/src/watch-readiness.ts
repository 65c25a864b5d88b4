import type { Health, HealthReport } from './health.js';

const EVERY_MS = 1_000;

/**
 * Looks at readiness again and again, and tells the first report and each that says something else than the one before.
 * @returns ends the watching
 */
export function watchReadiness(
  health: Health,
  tell: (report: HealthReport) => void,
  everyMs: number = EVERY_MS,
): () => void {
  let told: boolean | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const report = await health.ready();
    if (stopped) return;
    if (report.healthy !== told) {
      told = report.healthy;
      tell(report);
    }
    timer = setTimeout(() => void look(), everyMs);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
