import { CancellationScope, workflowInfo } from "@temporalio/workflow";
import type { CarrierInput } from "../ledger/carriers.ts";
import { carry } from "./carry.ts";
import type { CarrierResult } from "./contract.ts";
import { createDetails } from "./details.ts";
import { createPendingEvents } from "./pendingEvents.ts";

/**
 * Carries operations into the ledger, the cache and the event stream. Not cancellable: a cancellation between commit
 * and publication would delay the events.
 */
export async function carrier(input: CarrierInput): Promise<CarrierResult> {
  return await CancellationScope.nonCancellable(async () => {
    const { workflowId } = workflowInfo();
    const details = createDetails();
    const events = createPendingEvents(workflowId, details);
    const { counts } = await carry({ workflowId, isSaga: false }, input, details, events);
    await events.allPublished();
    return { counts };
  });
}
