/** Why an operation was not taken, or is not known to be. `refusal` is also the code of the answer. */
export class DispatchError extends Error {
  override name = "DispatchError";
  readonly refusal: "backpressure" | "temporal_unavailable" | "outcome_unknown";

  constructor(refusal: DispatchError["refusal"], options?: ErrorOptions) {
    super(`The operation was not dispatched: ${refusal}`, options);
    this.refusal = refusal;
  }
}
