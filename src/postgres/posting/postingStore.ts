import type { Operation } from "../../ledger/operations.ts";
import type { OutboxRow } from "../../ledger/records.ts";
import type { Pools } from "../pools.ts";
import { readEntries } from "./entries.ts";
import { expire } from "./expire.ts";
import { createKnownAccounts } from "./knownAccounts.ts";
import { countOutbox, deleteOutbox, drainOutbox, type OutboxPiece } from "./outbox.ts";
import { post } from "./post.ts";
import { findReservations } from "./reservations.ts";
import {
  type DueReservation,
  findDue,
  findOverdue,
  findSagasToSignal,
  readSagaReservations,
} from "./sagaReservations.ts";
import type { PostingOptions } from "./transaction.ts";

export type PostingStoreOptions = Omit<PostingOptions, "knownAccounts">;

/** The ledger's functions for carriers and sagas. */
export function createPostingStore({ posting, reading }: Pools, settings: PostingStoreOptions) {
  const options = { ...settings, knownAccounts: createKnownAccounts() };
  return {
    post: (workflowId: string, operations: readonly Operation[], isAtomic = false) =>
      post(posting, workflowId, operations, options, isAtomic),
    expire: (workflowId: string, due: readonly DueReservation[]) => expire(posting, workflowId, due, options),
    findReservations: (reservationIds: string[]) => findReservations(reading, reservationIds),
    findOverdue: (graceSeconds: number, exceptIds: string[], limit: number) =>
      findOverdue(reading, graceSeconds, exceptIds, limit),
    findDue: (sagaWorkflowId: string, exceptIds: string[], limit: number) =>
      findDue(reading, sagaWorkflowId, exceptIds, limit),
    findSagasToSignal: (sagaWorkflowIds: string[]) => findSagasToSignal(reading, sagaWorkflowIds),
    readSagaReservations: (sagaWorkflowId: string, refusedIds: string[]) =>
      readSagaReservations(reading, sagaWorkflowId, refusedIds),
  };
}

/** The ledger's functions for publishing events. */
export function createOutboxStore({ reading }: Pools) {
  return {
    readEntries: (operationIds: string[]) => readEntries(reading, operationIds),
    deleteOutbox: (ids: readonly string[]) => deleteOutbox(reading, ids),
    drainOutbox: (piece: OutboxPiece, publish: (rows: OutboxRow[]) => Promise<void>) =>
      drainOutbox(reading, piece, publish),
    countOutbox: (workflowId: string, limit: number) => countOutbox(reading, workflowId, limit),
  };
}
