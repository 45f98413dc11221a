/** An operation was not dispatched, or possibly not. `refusal` is also the problem code of the response. */
export class DispatchError extends Error {
  override name = "DispatchError";
  readonly refusal: "backpressure" | "temporal_unavailable" | "outcome_unknown";

  constructor(refusal: DispatchError["refusal"], options?: ErrorOptions) {
    super(`The operation was not dispatched: ${refusal}`, options);
    this.refusal = refusal;
  }
}
