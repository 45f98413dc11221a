import type { Carriers } from "../../dispatch/carriers.ts";
import { DispatchError } from "../../dispatch/dispatchError.ts";
import type { Dispatcher } from "../../dispatch/dispatcher.ts";
import type { Outcomes } from "../../dispatch/outcomes.ts";
import type { FindStored } from "../../dispatch/storedOperations.ts";
import { formatAmount, parseAmount } from "../../ledger/money.ts";
import { deriveOperationId } from "../../ledger/operationId.ts";
import { differingFields, type Operation, type RequestOfKind } from "../../ledger/operations.ts";
import type { StoredOperation } from "../../ledger/records.ts";
import { withDeadline } from "../http/deadline.ts";
import { Problem } from "../http/problems.ts";
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
  dispatcher: Pick<Dispatcher, "dispatch" | "isPulling">;
  outcomes: Pick<Outcomes, "awaitOutcome">;
  carriers: Pick<Carriers, "isRunning" | "readOperations">;
  view: OperationView;
};

export type Operations = ReturnType<typeof createOperations>;

export function createOperations(dependencies: OperationsDependencies) {
  const { findOperations, findStored, dispatcher, outcomes, carriers, view } = dependencies;

  /**
   * Names the operation, hands it to a carrier, and waits as long as the caller will. A stored operation is answered from the ledger: by the
   * posting of a carrier that pulls, else by a query before a workflow is started for it.
   * @throws Problem where it was declined, where its key stands for another request, and where it was not, or may not have been, accepted
   */
  async function submit({ asked, caller, idempotencyKey, requestId, waitSeconds }: Submission) {
    const operation = nameOperation(asked, caller, idempotencyKey);
    const { operationId } = operation;
    const batch = { operations: [operation] };
    const look = async () => (await findStored([operationId])).get(operationId);
    const isPulling = dispatcher.isPulling(batch);
    const stored = isPulling ? undefined : await look();
    if (stored) return { operation: finish(operation, stored, true), replayed: true };

    return await withDeadline(waitSeconds, async (signal) => {
      // Registered before the dispatch: a posting may be over when that resolves.
      const awaited = waitSeconds ? outcomes.awaitOutcome(operationId, signal) : undefined;
      const dispatched = await dispatcher.dispatch(batch, requestId).catch(async (error: unknown) => {
        // What was not dispatched may be stored all the same: then its outcome is the answer, whatever is away.
        const late = await look();
        if (!late) throw refusalOf(error, operationId);
        return late;
      });
      if ("operationId" in dispatched) return { operation: finish(operation, dispatched, true), replayed: true };
      const { workflowId, storedBefore, isCommitted } = dispatched;
      // A replay is answered with its outcome, waited for or not.
      const before = storedBefore.get(operationId);
      if (before) return { operation: finish(operation, before, true), replayed: true };

      const outcome = await awaited;
      await outcome?.cached;
      // The batch may have gone to a new carrier instead of the one that pulled: then the ledger was not queried for it.
      const stored = outcome?.operation ?? (isPulling && !isCommitted ? await look() : undefined);
      // Another carrier's outcome: an identical request was under way before this one.
      const replayed = stored !== undefined && stored.workflowId !== workflowId;
      if (outcome || replayed) return { operation: finish(operation, stored!, replayed), replayed };
      return { operation: view.accepted(operation, workflowId), replayed: false };
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
        replayed,
      });
    }
    return view.finished(stored);
  }

  return { submit, find };
}

/** The operation that the caller means by the key, accepted now. */
export function nameOperation(asked: RequestOfKind, caller: string, idempotencyKey: string): Operation {
  return {
    operationId: deriveOperationId(caller, idempotencyKey),
    caller,
    idempotencyKey,
    acceptedAt: new Date().toISOString(),
    ...normalize(asked),
  };
}

/** Requests are compared by value, so an amount is written in one way only. */
function normalize<Asked extends RequestOfKind>(asked: Asked): Asked {
  const { request } = asked;
  if (!("amount" in request) || request.amount === undefined) return asked;
  return { ...asked, request: { ...request, amount: formatAmount(parseAmount(request.amount)) } };
}

/** The problem of an operation, or a batch, that may not have been dispatched. Any other error is returned as it is. */
export function refusalOf(error: unknown, operationId?: string): unknown {
  if (!(error instanceof DispatchError)) return error;
  return new Problem(error.refusal, {
    cause: error,
    extensions: { ...(operationId && { operationId }) },
  });
}
