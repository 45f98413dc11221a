import type { Dispatcher } from "../../dispatch/dispatcher.ts";
import type { Outcomes } from "../../dispatch/outcomes.ts";
import { type Batch, deriveBatchCarrierId } from "../../dispatch/queue.ts";
import type { FindStored } from "../../dispatch/storedOperations.ts";
import { differingFields, type Operation } from "../../ledger/operations.ts";
import type { StoredOperation } from "../../ledger/records.ts";
import { withDeadline } from "../http/deadline.ts";
import { invalidRequest } from "../http/fieldErrors.ts";
import { orUnavailable, Problem } from "../http/problems.ts";
import { createOperation, currencyErrors, refusalOf, type Submission, UNREADABLE } from "../operations/service.ts";
import type { OperationView } from "../operations/view.ts";
import type { BatchRequest } from "./parse.ts";

export type BatchSubmission = BatchRequest &
  Pick<Submission, "caller" | "requestId" | "waitSeconds" | "assertConnected">;

export type BatchesDependencies = {
  findStored: FindStored;
  dispatcher: Pick<Dispatcher, "dispatch">;
  outcomes: Pick<Outcomes, "awaitOutcome">;
  view: OperationView;
  /** The currency of all amounts. */
  currency: string;
};

export type Batches = ReturnType<typeof createBatches>;

/** `isReplayed` where the whole batch was stored before. It may then have no carrier. */
type CarriedBatch = { carrierId?: string; isReplayed: boolean; stored: ReadonlyMap<string, StoredOperation> };

export type BatchedOperation = ReturnType<OperationView["accepted" | "finished" | "mismatched"]>;

export function createBatches({ findStored, dispatcher, outcomes, view, currency }: BatchesDependencies) {
  /** Dispatches the batch. Returns its carrier, and the operations that are stored at the caller's deadline. */
  async function carry(batch: Batch, requestId: string, waitSeconds: number): Promise<CarriedBatch> {
    return await withDeadline(waitSeconds, async (signal) => {
      const awaited = waitSeconds
        ? batch.operations.map(({ operationId }) => outcomes.awaitOutcome(operationId, signal))
        : [];
      const { workflowId, storedBefore } = await dispatcher.dispatch(batch, requestId).catch((error: unknown) => {
        throw refusalOf(error);
      });
      const committed = (await Promise.all(awaited)).filter((one) => one !== undefined);
      await Promise.all(committed.map(({ cached }) => cached));
      const stored = new Map([
        ...storedBefore,
        ...committed.map(({ operation }) => [operation.operationId, operation] as const),
      ]);
      return { carrierId: workflowId, isReplayed: storedBefore.size === batch.operations.length, stored };
    });
  }

  /**
   * The whole batch from the ledger. Undefined where an operation is missing, or the ledger does not respond.
   *
   * @throws Problem `ledger_unavailable` where the ledger does not respond, and one of them is known to be finished
   */
  async function findAll({ operations }: Batch): Promise<ReadonlyMap<string, StoredOperation> | undefined> {
    const ids = operations.map(({ operationId }) => operationId);
    const found = await orUnavailable(findStored(ids), UNREADABLE);
    return operations.every(({ operationId }) => found.has(operationId)) ? found : undefined;
  }

  /** Dispatches the batch, unless the whole batch is stored already. */
  async function findOrCarry(batch: Batch, submission: BatchSubmission): Promise<CarriedBatch> {
    const { requestId, waitSeconds, assertConnected } = submission;
    const before = await findAll(batch);
    if (before) return { isReplayed: true, stored: before };
    await assertConnected();
    try {
      return await carry(batch, requestId, waitSeconds);
    } catch (error) {
      // A slow ledger may contain the batch all the same. Then the stored outcomes are the response.
      const late = await findAll(batch).catch(() => undefined);
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
     * Dispatches the batch unless all of it is stored, and returns each operation's state.
     *
     * @throws Problem `batch_aborted` for an atomic batch that was not applied. `ledger_unavailable` where some of it
     *   is finished but cannot be read. The problems of a dispatch.
     */
    async submit(submission: BatchSubmission) {
      const { items, isAtomic, caller } = submission;
      const errors = items.flatMap(({ operationRequest }, index) =>
        currencyErrors(operationRequest, currency).map(({ field, message }) => ({
          field: `operations[${index}].${field}`,
          message,
        })),
      );
      if (errors.length > 0) throw invalidRequest(errors);
      const operations = items.map(({ operationRequest, idempotencyKey }) =>
        createOperation(operationRequest, caller, idempotencyKey),
      );
      const operationIds = operations.map(({ operationId }) => operationId);
      const batchWorkflowId = deriveBatchCarrierId(operationIds);

      const batch = { operations, ...(isAtomic && { isAtomic, workflowId: batchWorkflowId }) };
      const { stored, carrierId = "", isReplayed } = await findOrCarry(batch, submission);
      const isFinished = stored.size === operations.length;
      const shown = operations.map((operation) => show(operation, stored.get(operation.operationId), carrierId));

      // If only other carriers carried the batch, the response names the first of them.
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
            "None of its new operations was applied. The same keys always get this answer; a new attempt needs new keys.",
          extensions: answer,
          replayed,
        });
      }
      return { answer, isFinished, replayed };
    },
  };
}

/** Whether the operation aborted its batch. A decline did so only if the batch's own carrier posted it, not earlier. */
function abortsBatch(operation: BatchedOperation, workflowId: string): boolean {
  if (operation.status === "mismatched") return true;
  if (operation.status !== "declined") return false;
  return operation.code === "batch_aborted" || operation.workflowId === workflowId;
}
