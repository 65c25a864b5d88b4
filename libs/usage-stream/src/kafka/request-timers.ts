import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** How often a queue that waits for room among the requests under way is looked at besides. */
const CHECK_MS = 10;

/**
 * kafkajs 2.2.4 sets a timer after every look at a connection's waiting requests, also when none waits, and with a
 * negative delay, so that every connection ends up looking a thousand times a second for ever (its issues 1556 and
 * 1704). Here a timer is set only while something waits; what comes later sets its own when it is queued.
 */
export function replaceRequestTimers(): void {
  if (typeof RequestQueue.prototype.scheduleCheckPendingRequests !== 'function') {
    throw new Error('This kafkajs has no such request queue: its timers were mended for kafkajs 2.2.4.');
  }
  RequestQueue.prototype.scheduleCheckPendingRequests = function () {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    const throttledMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledMs > 0 ? throttledMs : CHECK_MS,
    );
  };
}
