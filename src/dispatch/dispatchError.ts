/** An operation was not dispatched, or possibly not. `refusal` is also the problem code of the response. */
export class DispatchError extends Error {
  override name = "DispatchError";
  readonly refusal: "backpressure" | "temporal_unavailable" | "outcome_unknown";
  /** The time until a retry, where it is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(refusal: DispatchError["refusal"], options?: ErrorOptions & { retryAfterSeconds?: number }) {
    super(`The operation was not dispatched: ${refusal}`, options);
    this.refusal = refusal;
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}
