/**
 * Looks every 50 ms until `look` finds something (neither undefined nor false), and returns that. What it throws counts as not found
 * yet, and is what this rejects with once `withinMs` have passed.
 */
export async function eventually<T>(look: () => Promise<T | undefined | false>, withinMs = 10_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  let trouble: unknown = new Error("It was never found");
  do {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      trouble = new Error(`Not found within ${withinMs} ms`);
    } catch (error) {
      trouble = error;
    }
    await Bun.sleep(50);
  } while (performance.now() < deadline);
  throw trouble;
}
