import { DispatchError } from "../../dispatch/dispatchError.ts";
import { Problem } from "../http/problems.ts";

/** What a caller is told whose operation, or batch, was not dispatched, or is not known to be. What is no DispatchError comes back as it is. */
export function refusalOf(error: unknown, operationId?: string): unknown {
  if (!(error instanceof DispatchError)) return error;
  return new Problem(error.refusal, {
    cause: error,
    extensions: { ...(operationId && { operationId }) },
  });
}
