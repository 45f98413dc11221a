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
import { invalidRequest } from "../http/fieldErrors.ts";
import { type FieldError, orUnavailable, Problem, type ProblemDetails, SAME_KEY } from "../http/problems.ts";
import type { OperationView } from "./view.ts";

export type Submission = {
  operationRequest: RequestOfKind;
  caller: string;
  idempotencyKey: string;
  requestId: string;
  /** How long the caller waits for the outcome; 0 for no wait. */
  waitSeconds: number;
  /** Called right before the dispatch. Rejects where the caller's connection was closed. */
  assertConnected(): Promise<void>;
};

export type OperationsDependencies = {
  findOperations(operationIds: string[]): Promise<StoredOperation[]>;
  findStored: FindStored;
  dispatcher: Pick<Dispatcher, "dispatch" | "isPulling">;
  outcomes: Pick<Outcomes, "awaitOutcome">;
  carriers: Pick<Carriers, "isRunning" | "readOperations">;
  view: OperationView;
  /** The currency of all amounts. */
  currency: string;
};

export type Operations = ReturnType<typeof createOperations>;

export function createOperations(dependencies: OperationsDependencies) {
  const { findOperations, findStored, dispatcher, outcomes, carriers, view, currency } = dependencies;

  /**
   * Dispatches an operation to a carrier, and waits for its outcome until the caller's deadline.
   *
   * A replay is answered from the ledger. Where a running carrier pulls the operation, its posting returns the stored
   * outcome. Else a query does, before a workflow is started.
   *
   * @throws Problem for a decline, a key of another request, and an operation that was not, or may not have been,
   *   accepted. `ledger_unavailable` where it is finished but its outcome cannot be read.
   */
  async function submit(submission: Submission) {
    const { operationRequest, caller, idempotencyKey, requestId, waitSeconds, assertConnected } = submission;
    const errors = currencyErrors(operationRequest, currency);
    if (errors.length > 0) throw invalidRequest(errors);
    const operation = createOperation(operationRequest, caller, idempotencyKey);
    const { operationId } = operation;
    const batch = { operations: [operation] };
    const look = async () => {
      const found = await orUnavailable(findStored([operationId]), { ...UNREADABLE, extensions: { operationId } });
      return found.get(operationId);
    };
    const isPulling = dispatcher.isPulling(batch);
    const stored = isPulling ? undefined : await look();
    if (stored) return { operation: finish(operation, stored, true), replayed: true };

    await assertConnected();
    return await withDeadline(waitSeconds, async (signal) => {
      // Registered before the dispatch, since the posting may have ended when that resolves.
      const awaited = waitSeconds ? outcomes.awaitOutcome(operationId, signal) : undefined;
      const dispatched = await dispatcher.dispatch(batch, requestId).catch(async (error: unknown) => {
        // An operation that was not dispatched may be stored all the same. Then its outcome is the response.
        const late = await look();
        if (!late) throw refusalOf(error, operationId);
        return late;
      });
      if ("operationId" in dispatched) return { operation: finish(operation, dispatched, true), replayed: true };
      const { workflowId, storedBefore, isCommitted } = dispatched;
      // A replay gets its outcome, even where the caller does not wait.
      const before = storedBefore.get(operationId);
      if (before) return { operation: finish(operation, before, true), replayed: true };

      const outcome = await awaited;
      await outcome?.cached;
      // The operation may have gone to a new carrier instead of the one that pulls. Then the ledger was not queried.
      const stored = outcome?.operation ?? (isPulling && !isCommitted ? await look() : undefined);
      // An outcome of another carrier is that of an earlier identical request.
      const replayed = stored !== undefined && stored.workflowId !== workflowId;
      if (outcome || replayed) return { operation: finish(operation, stored!, replayed), replayed };
      return { operation: view.accepted(operation, workflowId), replayed: false };
    });
  }

  /**
   * Finds an operation in the ledger, else in the given workflow. Its id may be in either case.
   *
   * A pending one is answered once it is finished, or after `waitSeconds`.
   *
   * @throws Problem `operation_unknown`, `ledger_unavailable`, `temporal_unavailable`
   */
  async function find(givenId: string, workflowId: string | undefined, waitSeconds: number) {
    const operationId = givenId.toLowerCase();
    const found = await findNow(operationId, workflowId);
    if (found.status !== "pending" || waitSeconds === 0) return found;
    const outcome = await withDeadline(waitSeconds, (signal) => outcomes.awaitOutcome(operationId, signal));
    await outcome?.cached;
    return outcome ? view.finished(outcome.operation) : found;
  }

  async function findNow(operationId: string, workflowId: string | undefined) {
    const stored = await readStored(operationId);
    if (stored) return view.finished(stored);

    const carried = workflowId && (await findCarried(operationId, workflowId));
    if (carried) return view.pending(carried, workflowId);

    // The workflow may have posted the operation and ended since the first query.
    const storedSince = workflowId && (await readStored(operationId));
    if (storedSince) return view.finished(storedSince);
    throw new Problem("operation_unknown");
  }

  async function readStored(operationId: string): Promise<StoredOperation | undefined> {
    const [stored] = await orUnavailable(findOperations([operationId]));
    return stored;
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

  /** Converts a stored outcome to the response. @throws Problem for a decline, or a key of another request */
  function finish(operation: Operation, stored: StoredOperation, replayed: boolean) {
    const { operationId, workflowId, decline } = stored;
    const fields = differingFields(operation, stored);
    if (fields.length > 0) {
      throw new Problem("idempotency_payload_mismatch", {
        detail: `The key was used for a request that differs in: ${fields.join(", ")}. Use a new key for a new operation.`,
        extensions: { operationId, workflowId, differingFields: fields },
      });
    }
    if (decline) {
      const { code, reservationIds } = decline;
      throw new Problem(code, {
        extensions: { operationId, workflowId, ...(reservationIds && { reservationIds }) },
        replayed,
      });
    }
    return view.finished(stored);
  }

  return { submit, find };
}

/** The problem of a finished operation while the ledger is down. */
export const UNREADABLE: ProblemDetails = {
  detail: `An operation with this key is finished, but its outcome cannot be read at the moment. ${SAME_KEY}`,
};

/** The operation that caller and key identify, accepted now. */
export function createOperation(operationRequest: RequestOfKind, caller: string, idempotencyKey: string): Operation {
  return {
    operationId: deriveOperationId(caller, idempotencyKey),
    caller,
    idempotencyKey,
    acceptedAt: new Date().toISOString(),
    ...normalize(operationRequest),
  };
}

/** The error of a request in another currency than the ledger's. */
export function currencyErrors({ request }: RequestOfKind, currency: string): FieldError[] {
  const given = (request as Spelled).currency;
  if (given === undefined || given === currency) return [];
  return [{ field: "currency", message: `must be ${currency}, the currency of all amounts` }];
}

/** The fields of a request that have several spellings. */
type Spelled = { amount?: string; currency?: string; reservationId?: string; recognitionId?: string };

/**
 * Writes amount and ids in their canonical form, since requests are compared by value.
 *
 * The currency is the same in all requests. One that gives it equals one that does not.
 */
function normalize<Typed extends RequestOfKind>(operationRequest: Typed): Typed {
  const { currency: _, ...request } = operationRequest.request as Spelled;
  if (request.amount !== undefined) request.amount = formatAmount(parseAmount(request.amount));
  if (request.reservationId !== undefined) request.reservationId = request.reservationId.toLowerCase();
  if (request.recognitionId !== undefined) request.recognitionId = request.recognitionId.toLowerCase();
  return { ...operationRequest, request } as Typed;
}

/** The problem of an operation or a batch that may not have been dispatched. Other errors are returned unchanged. */
export function refusalOf(error: unknown, operationId?: string): unknown {
  if (!(error instanceof DispatchError)) return error;
  const { refusal, retryAfterSeconds } = error;
  return new Problem(refusal, { cause: error, retryAfterSeconds, extensions: { ...(operationId && { operationId }) } });
}
