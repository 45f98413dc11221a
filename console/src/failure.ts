import { type Problem, SaldoError, SaldoUncertain } from "../../client/src/index.ts";

/** A code of the API, or one of the page itself. */
export type FailureCode = Problem["code"] | "unreachable" | "no_problem" | "page_error";

/** A request without its result, as the page shows it. */
export class Failure extends Error {
  override name = "Failure";
  readonly code: FailureCode;
  readonly requestId: string | undefined;
  readonly problem: Problem | undefined;

  constructor(code: FailureCode, details: { requestId?: string | undefined; problem?: Problem | undefined } = {}) {
    super(code);
    this.code = code;
    this.requestId = details.problem?.requestId ?? details.requestId;
    this.problem = details.problem;
  }
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && typeof (value as Problem).code === "string";
}

/** The failure behind any error. `requestId` is that of the request, where it is known. */
export function toFailure(error: unknown, requestId?: string): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof SaldoUncertain) return toFailure(error.cause, requestId);
  if (error instanceof SaldoError) {
    return new Failure(error.problem?.code ?? "no_problem", { problem: error.problem, requestId });
  }
  // A failed fetch is a TypeError, a timeout a DOMException.
  const isNetwork = error instanceof TypeError || error instanceof DOMException;
  return new Failure(isNetwork ? "unreachable" : "page_error", { requestId });
}
