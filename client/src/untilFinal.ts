import { SaldoError, SaldoUncertain } from "./errors.ts";
import { type Answer, readProblem } from "./outcomes.ts";

const FIRST_DELAY_MS = 100;
const DELAY_MS_MAX = 5_000;
/** Time for a response beyond the requested wait. A lost connection would otherwise use up the whole deadline. */
const RESPONSE_MS = 10_000;

export type Attempt = { preferSeconds: number; signal: AbortSignal };

export type Call<Outcome> = {
  keys: readonly string[];
  /** Runs before the first request. */
  prepare(): Promise<unknown>;
  /** Sends the request once. */
  send(attempt: Attempt): Promise<Answer>;
  /** The outcome, if the response is final. */
  read(answer: Answer): Outcome | undefined;
  waitSeconds: number;
  deadlineMs: number;
  signal: AbortSignal | undefined;
};

/**
 * Sends the same request until its outcome is known.
 *
 * An error before the first request is thrown as it is.
 *
 * @throws SaldoError where the request was refused. SaldoUncertain where a request was sent, and neither its outcome
 * nor a refusal is known.
 */
export async function untilFinal<Outcome>(call: Call<Outcome>): Promise<Outcome> {
  const { keys, waitSeconds, deadlineMs } = call;
  const endsAt = performance.now() + deadlineMs;
  const signal = anyOf(call.signal, AbortSignal.timeout(deadlineMs));
  await orAborted(call.prepare, signal);

  let operationId: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const preferSeconds = Math.max(0, Math.floor(Math.min(waitSeconds, (endsAt - performance.now()) / 1_000)));
    const limit = anyOf(signal, AbortSignal.timeout(preferSeconds * 1_000 + RESPONSE_MS));
    let answer: Answer | undefined;
    let cause: unknown;
    try {
      answer = await orAborted(() => call.send({ preferSeconds, signal: limit }), limit);
      const outcome = call.read(answer);
      if (outcome !== undefined) return outcome;
      operationId = operationIdOf(answer) ?? operationId;
      cause = new SaldoError(answer.status, readProblem(answer));
    } catch (error) {
      cause = error;
    }
    const isRefused = answer !== undefined && isRefusal(answer);
    // Of a later request, a refusal proves nothing. The first may have moved money before its token expired.
    if (isRefused && attempt === 1) throw cause;
    const delayMs = retryDelayMs(attempt, answer, Math.random());
    const isLast = isRefused || signal.aborted || delayMs >= endsAt - performance.now();
    if (!isLast) await pause(delayMs, signal).catch(() => {});
    if (isLast || signal.aborted) {
      throw new SaldoUncertain({ keys, operationId, cause: call.signal?.aborted ? call.signal.reason : cause });
    }
  }
}

/**
 * Whether the request was refused, with nothing recorded for it.
 * A 400 without a problem document is the HTTP parser's, which may follow a request that was booked. A 408 is a
 * proxy's.
 */
export function isRefusal(answer: Answer): boolean {
  const { status } = answer;
  if (status < 400 || status >= 500 || status === 429) return false;
  return readProblem(answer) !== undefined || (status !== 400 && status !== 408);
}

/** The greater of `Retry-After` and an exponential backoff with jitter. */
export function retryDelayMs(attempt: number, answer: Answer | undefined, random: number): number {
  const backoffMs = Math.min(DELAY_MS_MAX, FIRST_DELAY_MS * 2 ** (attempt - 1)) * (1 - random / 2);
  // NaN for a date, which a proxy may send.
  const retryAfterMs = Number(answer?.retryAfter ?? 0) * 1_000 || 0;
  return Math.max(retryAfterMs, backoffMs);
}

function operationIdOf({ body }: Answer): string | undefined {
  return (body as { operationId?: string } | null | undefined)?.operationId;
}

function anyOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

/** Rejects with the signal, also where the work does not react to it. */
async function orAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
  });
  return await Promise.race([work(), aborted]).finally(() => signal.removeEventListener("abort", abort));
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = () => new Promise<void>((resolve) => (timer = setTimeout(resolve, delayMs)));
  await orAborted(passed, signal).finally(() => clearTimeout(timer));
}
