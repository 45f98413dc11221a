import { CancellationScope } from "@temporalio/workflow";
import { carry } from "./carry.ts";
import type { CarrierInput, CarrierResult } from "./contract.ts";

/** Carries a list of operations. It never obeys a cancellation: money that is on its way arrives, and its event with it. */
export async function carrier(input: CarrierInput): Promise<CarrierResult> {
  return await CancellationScope.nonCancellable(async () => ({ outcomes: await carry(input) }));
}
