/** Says that `what` took longer than it was given. What was asked of it may still happen. */
export class TimeoutError extends Error {
  override name = "TimeoutError";

  constructor(what: string, limitMs: number) {
    super(`${what} did not answer within ${limitMs} ms`);
  }
}

/** Waits for `work` no longer than `limitMs`, and gives up waiting with TimeoutError; the work itself goes on. */
export async function withTimeout<Result>(what: string, limitMs: number, work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(what, limitMs)), limitMs);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
