/**
 * Runs `work` with a signal that aborts at the caller's deadline, `seconds` from now.
 *
 * With 0 seconds it aborts at once. It also aborts when `work` fails.
 */
export async function withDeadline<Result>(
  seconds: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), seconds * 1_000);
  try {
    return await work(deadline.signal);
  } catch (error) {
    deadline.abort();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
