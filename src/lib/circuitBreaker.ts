import { withTimeout } from "./timeout.ts";

/** How long a circuit stays open. Calls cost little while the store is away, and its return is noticed soon. */
const OPEN_MS = 5_000;

/** Runs work on one store within a timeout, or fails at once while the circuit is open. */
export type CircuitBreaker = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** The circuit is open: the store was not called. */
export class CircuitOpenError extends Error {
  override name = "CircuitOpenError";
}

/**
 * A circuit breaker that opens for 5 s after a failure or a timeout. Work that has timed out may still complete, so it
 * must be idempotent.
 */
export function createCircuitBreaker(
  store: string,
  timeoutMs: number,
  nowMs: () => number = () => performance.now(),
): CircuitBreaker {
  let failedAtMs = Number.NEGATIVE_INFINITY;

  return async (work) => {
    if (nowMs() - failedAtMs < OPEN_MS) throw new CircuitOpenError(`${store} failed less than ${OPEN_MS} ms ago`);
    try {
      return await withTimeout(store, timeoutMs, work());
    } catch (error) {
      failedAtMs = nowMs();
      throw error;
    }
  };
}
