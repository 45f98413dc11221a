import { CancellationScope, workflowInfo } from "@temporalio/workflow";
import type { CarrierInput } from "../ledger/carriers.ts";
import { carry } from "./carry.ts";
import type { CarrierResult } from "./contract.ts";
import { createEventsAwaited } from "./eventsAwaited.ts";

/** Carries operations into the ledger, the cache and the event stream. Not cancellable: money and its event belong together. */
export async function carrier(input: CarrierInput): Promise<CarrierResult> {
  return await CancellationScope.nonCancellable(async () => {
    const { workflowId } = workflowInfo();
    const events = createEventsAwaited(workflowId);
    const { counts } = await carry({ workflowId, isSaga: false }, input, events);
    await events.areOut();
    return { counts };
  });
}
