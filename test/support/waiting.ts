const POLL_MS_MIN = 50;
const POLL_MS_MAX = 500;
/** Share of the time waited so far. A long wait polls rarely, since each look costs the servers processor time. */
const POLL_SHARE = 0.05;

/**
 * Polls until `look` returns a result, that is, neither undefined nor false.
 *
 * An error counts as no result yet. After `withinMs` the last error is thrown.
 */
export async function eventually<T>(look: () => Promise<T | undefined | false>, withinMs = 10_000): Promise<T> {
  const beganMs = performance.now();
  const deadline = beganMs + withinMs;
  let lastError: unknown = new Error("It was never found");
  do {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      lastError = new Error(`Not found within ${withinMs} ms`);
    } catch (error) {
      lastError = error;
    }
    const pauseMs = POLL_SHARE * (performance.now() - beganMs);
    await Bun.sleep(Math.min(Math.max(pauseMs, POLL_MS_MIN), POLL_MS_MAX));
  } while (performance.now() < deadline);
  throw lastError;
}

/** Drains 50 turns of the microtask queue: enough for promise chains without timers and I/O. */
export async function drainMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
