/** Thrown when work exceeds its timeout. The work may still complete. */
export class TimeoutError extends Error {
  override name = "TimeoutError";

  constructor(name: string, timeoutMs: number) {
    super(`${name} did not complete within ${timeoutMs} ms`);
  }
}

/** Resolves to whether the work succeeded. Never rejects. */
export function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

/**
 * Awaits `work` for at most `timeoutMs`; the work itself is not cancelled.
 * @throws TimeoutError, whose message begins with `name`
 */
export async function withTimeout<Result>(name: string, timeoutMs: number, work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(name, timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
