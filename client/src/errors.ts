import type { Problem } from "./outcomes.ts";

/**
 * A response that is no outcome.
 *
 * It is thrown where the call's first request was refused, so that nothing was recorded for it. A call that continues
 * an uncertain one stays uncertain then. Other responses are the cause of a SaldoUncertain.
 */
export class SaldoError extends Error {
  override name = "SaldoError";
  /** The HTTP status. */
  readonly status: number;
  /** Undefined where the response is not Saldo's, but a proxy's. */
  readonly problem: Problem | undefined;

  constructor(status: number, problem: Problem | undefined) {
    super(problem ? `${problem.code}: ${problem.detail ?? problem.title}` : `HTTP status ${status} without a problem`);
    this.status = status;
    this.problem = problem;
  }
}

/** No final answer: the money may have moved, or may still move. The same call with the same key gets the outcome. */
export class SaldoUncertain extends Error {
  override name = "SaldoUncertain";
  /** The keys of the call: one, or those of a batch's items, in order. */
  readonly keys: readonly string[];
  /** Undefined where no response named the operation. */
  readonly operationId: string | undefined;

  constructor(unknown: { keys: readonly string[]; operationId?: string | undefined; cause: unknown }) {
    super("The outcome is unknown: repeat the call with the same key", { cause: unknown.cause });
    this.keys = unknown.keys;
    this.operationId = unknown.operationId;
  }

  /** The key of the operation; of a batch, that of its first item. */
  get key(): string {
    return this.keys[0]!;
  }
}
