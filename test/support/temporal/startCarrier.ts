import type { Client } from "@temporalio/client";
import { createCarriers } from "../../../src/dispatch/carriers.ts";
import type { Operation } from "../../../src/ledger/operations.ts";
import { stack } from "../api/client.ts";

/** Starts a carrier or a saga with exactly these operations, as the dispatcher does. */
export async function startCarrier(client: Client, workflowId: string, operations: Operation[]): Promise<void> {
  const carriers = createCarriers({
    client: () => client,
    temporalAddress: stack.environment.TEMPORAL_ADDRESS!,
    currency: "RUB",
    eager: false,
  });
  await carriers.start(workflowId, { operations }, []);
}
