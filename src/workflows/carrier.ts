import { CancellationScope, workflowInfo } from "@temporalio/workflow";
import type { CarrierInput } from "../ledger/carriers.ts";
import { carry } from "./carry.ts";
import type { CarrierResult } from "./contract.ts";
import { createPendingEvents } from "./pendingEvents.ts";

/**
 * Carries operations into the ledger, the cache and the event stream. Not cancellable: a cancellation between commit
 * and publication would delay the events.
 */
export async function carrier(input: CarrierInput): Promise<CarrierResult> {
  return await CancellationScope.nonCancellable(async () => {
    const { workflowId } = workflowInfo();
    const events = createPendingEvents(workflowId);
    const { counts } = await carry({ workflowId, isSaga: false }, input, events);
    await events.allPublished();
    return { counts };
  });
}
