/**
 * Looks every 50 ms until `look` finds something (neither undefined nor false), and returns that. What it throws counts as not found
 * yet, and is what this rejects with once `withinMs` have passed.
 */
export async function eventually<T>(look: () => Promise<T | undefined | false>, withinMs = 10_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  let lastError: unknown = new Error("It was never found");
  do {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      lastError = new Error(`Not found within ${withinMs} ms`);
    } catch (error) {
      lastError = error;
    }
    await Bun.sleep(50);
  } while (performance.now() < deadline);
  throw lastError;
}

/** Runs 50 turns of the microtask queue: enough for every promise chain that waits for no timer and no I/O. */
export async function drainMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
