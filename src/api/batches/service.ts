import type { Dispatcher } from "../../dispatch/dispatcher.ts";
import type { Outcomes } from "../../dispatch/outcomes.ts";
import { type Batch, deriveBatchCarrierId } from "../../dispatch/queue.ts";
import type { FindStored } from "../../dispatch/storedOperations.ts";
import { differingFields, type Operation } from "../../ledger/operations.ts";
import type { StoredOperation } from "../../ledger/records.ts";
import { withDeadline } from "../http/deadline.ts";
import { Problem } from "../http/problems.ts";
import { nameOperation, refusalOf } from "../operations/service.ts";
import type { OperationView } from "../operations/view.ts";
import type { BatchRequest } from "./parse.ts";

export type BatchSubmission = BatchRequest & { caller: string; requestId: string; waitSeconds: number | undefined };

export type BatchesDependencies = {
  findStored: FindStored;
  dispatcher: Pick<Dispatcher, "dispatch">;
  outcomes: Pick<Outcomes, "awaitOutcome">;
  view: OperationView;
};

export type Batches = ReturnType<typeof createBatches>;

/** `isReplayed` where all of the batch was stored before; then it may have no carrier. */
type CarriedBatch = { carrierId?: string; isReplayed: boolean; stored: ReadonlyMap<string, StoredOperation> };

export type BatchedOperation = ReturnType<OperationView["accepted" | "finished" | "mismatched"]>;

export function createBatches({ findStored, dispatcher, outcomes, view }: BatchesDependencies) {
  /** The carrier, and the operations that are stored: all, or as far as they are when the caller's time is over. */
  async function carry(batch: Batch, requestId: string, waitSeconds: number | undefined): Promise<CarriedBatch> {
    return await withDeadline(waitSeconds, async (signal) => {
      const awaited = waitSeconds
        ? batch.operations.map(({ operationId }) => outcomes.awaitOutcome(operationId, signal))
        : [];
      const { workflowId, storedBefore } = await dispatcher.dispatch(batch, requestId).catch((error: unknown) => {
        throw refusalOf(error);
      });
      const known = (await Promise.all(awaited)).filter((one) => one !== undefined);
      await Promise.all(known.map(({ cached }) => cached));
      const stored = new Map([
        ...storedBefore,
        ...known.map(({ operation }) => [operation.operationId, operation] as const),
      ]);
      return { carrierId: workflowId, isReplayed: storedBefore.size === batch.operations.length, stored };
    });
  }

  /** All of it as it is stored; undefined where it is not, or not all, or the ledger does not say. */
  async function findAll({ operations }: Batch): Promise<ReadonlyMap<string, StoredOperation> | undefined> {
    const found = await findStored(operations.map(({ operationId }) => operationId));
    return operations.every(({ operationId }) => found.has(operationId)) ? found : undefined;
  }

  /** Without a carrier where all of it was stored before. */
  async function findOrCarry(batch: Batch, requestId: string, waitSeconds: number | undefined): Promise<CarriedBatch> {
    const before = await findAll(batch);
    if (before) return { isReplayed: true, stored: before };
    try {
      return await carry(batch, requestId, waitSeconds);
    } catch (error) {
      // A ledger that was too slow to say so may hold it: then its outcomes are the answer, whatever is away.
      const late = await findAll(batch);
      if (!late) throw error;
      return { isReplayed: true, stored: late };
    }
  }

  function show(operation: Operation, stored: StoredOperation | undefined, workflowId: string): BatchedOperation {
    if (!stored) return view.accepted(operation, workflowId);
    const fields = differingFields(operation, stored);
    return fields.length > 0 ? view.mismatched(operation, stored.workflowId, fields) : view.finished(stored);
  }

  return {
    /**
     * Hands the batch to a workflow, unless all of it is stored, and shows each operation as far as it has come.
     * @throws Problem `batch_aborted` for an atomic batch that was not done, and where it was not, or may not have been, accepted.
     */
    async submit({ items, isAtomic, caller, requestId, waitSeconds }: BatchSubmission) {
      const operations = items.map(({ asked, idempotencyKey }) => nameOperation(asked, caller, idempotencyKey));
      const operationIds = operations.map(({ operationId }) => operationId);
      const batchWorkflowId = deriveBatchCarrierId(operationIds);

      const batch = { operations, ...(isAtomic && { isAtomic, workflowId: batchWorkflowId }) };
      const { stored, carrierId = "", isReplayed } = await findOrCarry(batch, requestId, waitSeconds);
      const isFinished = stored.size === operations.length;
      const shown = operations.map((operation) => show(operation, stored.get(operation.operationId), carrierId));

      // Where other carriers have carried all of it, before or meanwhile, the answer names the first of these.
      const isCarriedNow = !isReplayed && shown.some((one) => one.workflowId === carrierId);
      const replayed = !isCarriedNow;
      const shownWorkflowId = isCarriedNow ? carrierId : shown[0]!.workflowId;
      const answer = {
        workflowId: shownWorkflowId,
        links: { temporal: view.temporalLink(shownWorkflowId) },
        operations: shown,
      };
      if (isAtomic && isFinished && shown.some((one) => abortsBatch(one, batchWorkflowId))) {
        throw new Problem("batch_aborted", {
          detail:
            "None of its new operations was applied. The same keys get this answer for ever; a new attempt needs new ones.",
          extensions: answer,
          replayed,
        });
      }
      return { answer, isFinished, replayed };
    },
  };
}

/** The carrier is named after its batch: what it declined itself aborted the batch, and not what was declined long before. */
function abortsBatch(operation: BatchedOperation, workflowId: string): boolean {
  if (operation.status === "mismatched") return true;
  if (operation.status !== "declined") return false;
  return operation.code === "batch_aborted" || operation.workflowId === workflowId;
}
