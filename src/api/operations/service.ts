import type { Answers } from "../../dispatch/answers.ts";
import type { Carriers } from "../../dispatch/carriers.ts";
import type { Dispatcher } from "../../dispatch/dispatcher.ts";
import type { FindStored } from "../../dispatch/storedOperations.ts";
import { differingFields, type Operation, type RequestOfKind } from "../../ledger/operations.ts";
import type { StoredOperation } from "../../ledger/records.ts";
import { withPatience } from "../patience.ts";
import { Problem } from "../problems.ts";
import { nameOperation } from "./naming.ts";
import { refusalOf } from "./refusal.ts";
import type { OperationView } from "./view.ts";

export type Submission = {
  asked: RequestOfKind;
  caller: string;
  idempotencyKey: string;
  requestId: string;
  /** How long the caller is ready to wait for the ledger's word, in seconds; undefined for not at all. */
  waitSeconds: number | undefined;
};

export type OperationsDependencies = {
  findOperations(operationIds: string[]): Promise<StoredOperation[]>;
  findStored: FindStored;
  dispatcher: Pick<Dispatcher, "dispatch">;
  answers: Pick<Answers, "awaitAnswer">;
  carriers: Pick<Carriers, "isRunning" | "readOperations">;
  view: OperationView;
};

export type Operations = ReturnType<typeof createOperations>;

export function createOperations(dependencies: OperationsDependencies) {
  const { findOperations, findStored, dispatcher, answers, carriers, view } = dependencies;

  /**
   * Names the operation, then answers from the ledger what is stored of it, or hands it to a carrier and waits as long as the caller will.
   * @throws Problem where it was declined, where its key stands for another request, and where it was not, or may not have been, accepted.
   */
  async function submit({ asked, caller, idempotencyKey, requestId, waitSeconds }: Submission) {
    const operation = nameOperation(asked, caller, idempotencyKey);
    const look = async () => (await findStored([operation.operationId])).get(operation.operationId);
    const stored = await look();
    if (stored) return { operation: finish(operation, stored, true), replayed: true };

    return await withPatience(waitSeconds, async (signal) => {
      const answer = waitSeconds ? answers.awaitAnswer(operation.operationId, signal) : undefined;
      const carried = await dispatcher.dispatch(operation, requestId).catch(async (error: unknown) => {
        // A ledger that was too slow to say so may hold it: then its outcome is the answer, whatever is away.
        const late = await look();
        if (!late) throw refusalOf(error, operation.operationId);
        return late;
      });
      if (typeof carried !== "string") return { operation: finish(operation, carried, true), replayed: true };
      const workflowId = carried;
      const answered = await answer;
      if (!answered) return { operation: view.accepted(operation, workflowId), replayed: false };
      // Another carrier's word: an identical request was under way before this one.
      const replayed = answered.workflowId !== workflowId;
      return { operation: finish(operation, answered, replayed), replayed };
    });
  }

  /** Looks in the ledger first, then at the workflow that is said to carry it. @throws Problem `operation_unknown` and what is away. */
  async function find(operationId: string, workflowId: string | undefined) {
    const stored = await readStored(operationId);
    if (stored) return view.finished(stored);

    const carried = workflowId && (await findCarried(operationId, workflowId));
    if (carried) return view.pending(carried, workflowId);

    // It may have come into the ledger, and its workflow have ended, since the first look.
    const storedSince = workflowId && (await readStored(operationId));
    if (storedSince) return view.finished(storedSince);
    throw new Problem("operation_unknown");
  }

  async function readStored(operationId: string): Promise<StoredOperation | undefined> {
    try {
      const [stored] = await findOperations([operationId]);
      return stored;
    } catch (cause) {
      throw new Problem("ledger_unavailable", { cause });
    }
  }

  async function findCarried(operationId: string, workflowId: string): Promise<Operation | undefined> {
    try {
      if (!(await carriers.isRunning(workflowId))) return undefined;
      const operations = await carriers.readOperations(workflowId);
      return operations.find((operation) => operation.operationId === operationId);
    } catch (cause) {
      throw new Problem("temporal_unavailable", { cause });
    }
  }

  /** What the ledger's word means for who asked: their operation, its decline, or that their key stands for another request. */
  function finish(asked: Operation, stored: StoredOperation, replayed: boolean) {
    const { operationId, workflowId, decline } = stored;
    const fields = differingFields(asked, stored);
    if (fields.length > 0) {
      throw new Problem("idempotency_payload_mismatch", {
        detail: `The key was used for a request that differs in: ${fields.join(", ")}. Use a new key for a new operation.`,
        extensions: { operationId, workflowId, differingFields: fields },
      });
    }
    if (decline) {
      throw new Problem(decline.code, {
        extensions: {
          operationId,
          workflowId,
          ...(decline.reservationIds && { reservationIds: decline.reservationIds }),
        },
        ...(replayed && { headers: REPLAYED }),
      });
    }
    return view.finished(stored);
  }

  return { submit, find };
}

/** Marks an answer that repeats the outcome of an earlier identical request. */
export const REPLAYED = { "idempotency-replayed": "true" };
