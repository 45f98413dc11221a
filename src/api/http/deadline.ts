/** Does `work` with a signal that aborts when the caller's patience of so many seconds ends, at once where it has none, and where the work fails. */
export async function withDeadline<Result>(
  seconds: number | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), (seconds ?? 0) * 1_000);
  try {
    return await work(patience.signal);
  } catch (error) {
    patience.abort();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
