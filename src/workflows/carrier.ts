import { CancellationScope, workflowInfo } from "@temporalio/workflow";
import { carry } from "./carry.ts";
import type { CarrierInput, CarrierResult } from "./contract.ts";
import { createEventsAwaited } from "./eventsAwaited.ts";

/** Carries a list of operations. It never obeys a cancellation: money that is on its way arrives, and its event with it. */
export async function carrier(input: CarrierInput): Promise<CarrierResult> {
  return await CancellationScope.nonCancellable(async () => {
    const events = createEventsAwaited(workflowInfo().workflowId);
    const outcomes = await carry(input, events);
    await events.areOut();
    return { outcomes };
  });
}
