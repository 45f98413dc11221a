import type { Operation, Origin } from "../../ledger/operations.ts";
import type { DueReservation } from "../../ledger/records.ts";
import { onPool, type Pools } from "../pools.ts";
import { readEntries } from "./entries.ts";
import { expire } from "./expire.ts";
import { createKnownAccounts } from "./knownAccounts.ts";
import { countOutbox, deleteOutbox, drainOutbox } from "./outbox.ts";
import { post } from "./post.ts";
import { findReservations } from "./reservations.ts";
import { findDue, findOverdue, findSagasToSignal, readSagaReservations } from "./sagaReservations.ts";
import type { PostingOptions } from "./transaction.ts";

export type PostingStoreOptions = Omit<PostingOptions, "knownAccounts">;

/** The ledger's functions for carriers and sagas. */
export function createPostingStore({ posting, reading }: Pools, settings: PostingStoreOptions) {
  const options = { ...settings, knownAccounts: createKnownAccounts() };
  return {
    post: (workflowId: string, operations: readonly Operation[], isAtomic = false) =>
      post(posting, workflowId, operations, options, isAtomic),
    expire: (workflowId: string, due: readonly DueReservation[], origin: Origin) =>
      expire(posting, workflowId, due, origin, options),
    ...onPool(reading, { findReservations, findOverdue, findDue, findSagasToSignal, readSagaReservations }),
  };
}

/** The ledger's functions for publishing events. */
export function createOutboxStore({ reading }: Pools) {
  return onPool(reading, { readEntries, deleteOutbox, drainOutbox, countOutbox });
}
