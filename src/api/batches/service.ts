import type { Answers } from "../../dispatch/answers.ts";
import { type Batch, type Dispatcher, nameBatch } from "../../dispatch/dispatcher.ts";
import type { FindStored } from "../../dispatch/storedOperations.ts";
import { differingFields, type Operation } from "../../ledger/operations.ts";
import type { StoredOperation } from "../../ledger/records.ts";
import { nameOperation } from "../operations/naming.ts";
import { refusalOf } from "../operations/refusal.ts";
import { REPLAYED } from "../operations/service.ts";
import type { OperationView } from "../operations/view.ts";
import { withPatience } from "../patience.ts";
import { Problem } from "../problems.ts";
import type { BatchRequest } from "./parse.ts";

export type BatchSubmission = BatchRequest & { caller: string; requestId: string; waitSeconds: number | undefined };

export type BatchesDependencies = {
  findStored: FindStored;
  dispatcher: Pick<Dispatcher, "dispatchBatch">;
  answers: Pick<Answers, "awaitAnswer">;
  view: OperationView;
};

export type Batches = ReturnType<typeof createBatches>;

export type BatchedOperation = ReturnType<OperationView["accepted" | "finished" | "mismatched"]>;

export function createBatches({ findStored, dispatcher, answers, view }: BatchesDependencies) {
  /** The carrier, and what is stored of the operations once they all are, or as far as they are when the caller's patience ends. */
  async function carry(batch: Batch, requestId: string, waitSeconds: number | undefined) {
    return await withPatience(waitSeconds, async (signal) => {
      const awaited = waitSeconds
        ? batch.operations.map(({ operationId }) => answers.awaitAnswer(operationId, signal))
        : [];
      const carrierId = await dispatcher.dispatchBatch(batch, requestId).catch((error: unknown) => {
        throw refusalOf(error);
      });
      const stored = (await Promise.all(awaited)).filter((one) => one !== undefined);
      return { carrierId, stored: new Map(stored.map((one) => [one.operationId, one])) };
    });
  }

  /** All of it as it is stored; undefined where it is not, or not all, or the ledger does not say. */
  async function findAll({ operations }: Batch): Promise<ReadonlyMap<string, StoredOperation> | undefined> {
    const found = await findStored(operations.map(({ operationId }) => operationId));
    return operations.every(({ operationId }) => found.has(operationId)) ? found : undefined;
  }

  /** Without a carrier where all of it was stored before. */
  async function findOrCarry(
    batch: Batch,
    requestId: string,
    waitSeconds: number | undefined,
  ): Promise<{ carrierId?: string; stored: ReadonlyMap<string, StoredOperation> }> {
    const before = await findAll(batch);
    if (before) return { stored: before };
    try {
      return await carry(batch, requestId, waitSeconds);
    } catch (error) {
      // A ledger that was too slow to say so may hold it: then its outcomes are the answer, whatever is away.
      const late = await findAll(batch);
      if (!late) throw error;
      return { stored: late };
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
      const workflowId = nameBatch(operationIds, isAtomic);

      const batch = { workflowId, operations, isAtomic };
      const { stored, carrierId } = await findOrCarry(batch, requestId, waitSeconds);
      const isFinished = stored.size === operations.length;
      const shown = operations.map((operation) =>
        show(operation, stored.get(operation.operationId), carrierId ?? workflowId),
      );

      // Where others have carried all of it, before or meanwhile, it is they of whom there is something to see.
      const isCarriedNow = carrierId !== undefined && shown.some((one) => one.workflowId === carrierId);
      const replayed = !isCarriedNow;
      const shownWorkflowId = isCarriedNow ? carrierId : shown[0]!.workflowId;
      const answer = {
        workflowId: shownWorkflowId,
        links: { temporal: view.temporalLink(shownWorkflowId) },
        operations: shown,
      };
      if (isAtomic && isFinished && shown.some((one) => abortsBatch(one, workflowId))) {
        throw new Problem("batch_aborted", {
          detail:
            "None of its new operations was applied. The same keys get this answer for ever; a new attempt needs new ones.",
          extensions: answer,
          ...(replayed && { headers: REPLAYED }),
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
