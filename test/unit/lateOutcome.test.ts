import { describe, expect, mock, test } from "bun:test";
import { createBatches } from "../../src/api/batches/service.ts";
import { createOperations, type OperationsDependencies } from "../../src/api/operations/service.ts";
import { createOperationView } from "../../src/api/operations/view.ts";
import { DispatchError } from "../../src/dispatch/dispatchError.ts";
import type { FindStored } from "../../src/dispatch/storedOperations.ts";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import { DEPOSIT_REQUEST, storedDeposit } from "../support/dispatch/storedDeposit.ts";

const [caller, idempotencyKey] = ["test", "topup-1"] as const;
const operationId = deriveOperationId(caller, idempotencyKey);
const stored = storedDeposit(operationId, "carrier-1");
const refuse = () => Promise.reject(new DispatchError("temporal_unavailable"));
const view = createOperationView("http://localhost", "RUB");
const nothingFound: FindStored = async () => new Map();

/** A ledger whose first query is too slow, and whose second is in time. */
function slowAtFirst(): FindStored {
  const found = [new Map(), new Map([[operationId, stored]])];
  return async () => found.shift()!;
}

function serviceOf(given: Partial<OperationsDependencies>) {
  return createOperations({
    findOperations: async () => [],
    findStored: nothingFound,
    dispatcher: { dispatch: refuse, isPulling: () => false },
    outcomes: { awaitOutcome: async () => undefined },
    currency: "RUB",
    carriers: { isRunning: async () => false, readOperations: async () => [] },
    view,
    ...given,
  });
}

const assertConnected = async () => {};

function submit(given: Partial<OperationsDependencies>, waitSeconds = 0) {
  const submission = {
    operationRequest: DEPOSIT_REQUEST,
    caller,
    idempotencyKey,
    requestId: "request",
    waitSeconds,
    assertConnected,
  };
  return serviceOf(given).submit(submission);
}

test("an operation stored between the first query and the end of its workflow is found", async () => {
  const found: StoredOperation[][] = [[], [stored]];
  const operations = serviceOf({ findOperations: async () => found.shift()! });
  expect(await operations.find(operationId, "carrier-1", 0)).toMatchObject({ status: "completed" });
  expect(found).toEqual([]);
});

describe("while Temporal is down, an operation that the first query missed is answered", () => {
  const finished = { status: "completed", workflowId: "carrier-1" };

  test.each([true, false])("for a single operation, where a carrier pulls: %p", async (isPulling) => {
    const findStored = isPulling ? async () => new Map([[operationId, stored]]) : slowAtFirst();
    const answer = await submit({ findStored, dispatcher: { dispatch: refuse, isPulling: () => isPulling } });
    expect(answer).toMatchObject({ replayed: true, operation: finished });
  });

  test("for a batch", async () => {
    const batches = createBatches({
      findStored: slowAtFirst(),
      dispatcher: { dispatch: refuse },
      outcomes: { awaitOutcome: async () => undefined },
      view,
      currency: "RUB",
    });
    const items = [{ idempotencyKey, operationRequest: DEPOSIT_REQUEST }];
    const submission = { items, isAtomic: false, caller, requestId: "", waitSeconds: 0, assertConnected };
    const answer = await batches.submit(submission);
    expect(answer).toMatchObject({ replayed: true, answer: { operations: [finished] } });
  });
});

describe("while the ledger is down, an operation that was seen finished is ledger_unavailable", () => {
  const findStored = () => Promise.reject(new Error("away"));
  const items = [{ idempotencyKey, operationRequest: DEPOSIT_REQUEST }];
  const dispatched = { workflowId: "carrier-2", storedBefore: new Map(), isCommitted: false };
  const unavailable = expect.objectContaining({ code: "ledger_unavailable" });

  test("for a single operation, which is not dispatched again", async () => {
    const dispatch = mock(async () => dispatched);
    await expect(submit({ findStored, dispatcher: { dispatch, isPulling: () => false } })).rejects.toEqual(unavailable);
    expect(dispatch).not.toHaveBeenCalled();
  });

  test("for a single operation that a pulling carrier could not post", async () => {
    const dispatcher = { dispatch: async () => dispatched, isPulling: () => true };
    await expect(submit({ findStored, dispatcher })).rejects.toEqual(unavailable);
  });

  test("for a batch; the error of its dispatch is kept where its lookup fails only afterwards", async () => {
    const outcomes = { awaitOutcome: async () => undefined };
    const dispatcher = { dispatch: () => Promise.reject(new DispatchError("outcome_unknown")) };
    const submitTo = (find: FindStored) =>
      createBatches({ findStored: find, dispatcher, outcomes, view, currency: "RUB" }).submit({
        items,
        isAtomic: false,
        caller,
        requestId: "",
        waitSeconds: 0,
        assertConnected,
      });
    await expect(submitTo(findStored)).rejects.toEqual(unavailable);
    const answers = [nothingFound, findStored];
    const code = "outcome_unknown";
    await expect(submitTo((ids) => answers.shift()!(ids))).rejects.toEqual(expect.objectContaining({ code }));
  });
});

describe("a stored operation", () => {
  const dispatchedBy = (workflowId: string, ...storedBefore: string[]) => ({
    dispatch: async () => ({
      workflowId,
      storedBefore: new Map(storedBefore.map((id) => [id, stored])),
      isCommitted: true,
    }),
    isPulling: () => true,
  });
  const outcomes = { awaitOutcome: async () => ({ operation: stored, cached: Promise.resolve() }) };

  test("is not queried for while a carrier pulls: the posting returns it as a replay", async () => {
    const findStored = () => Promise.reject(new Error("It was queried for"));
    const dispatcher = dispatchedBy("carrier-1", operationId);
    expect(await submit({ findStored, dispatcher, outcomes }, 1)).toMatchObject({ replayed: true });
  });

  test("is a replay where another carrier has posted it meanwhile", async () => {
    expect(await submit({ dispatcher: dispatchedBy("carrier-2"), outcomes }, 1)).toMatchObject({ replayed: true });
  });

  test("is not a replay where its own carrier has just decided it", async () => {
    expect(await submit({ dispatcher: dispatchedBy("carrier-1"), outcomes }, 1)).toMatchObject({ replayed: false });
  });
});

test("an outcome that arrives before the dispatch returns is not missed", async () => {
  const awaited: string[] = [];
  const answer = await submit(
    {
      dispatcher: {
        isPulling: () => true,
        async dispatch() {
          expect(awaited).toEqual([operationId]);
          return { workflowId: "carrier-1", storedBefore: new Map(), isCommitted: true };
        },
      },
      outcomes: {
        async awaitOutcome(id) {
          awaited.push(id);
          return { operation: stored, cached: Promise.resolve() };
        },
      },
    },
    1,
  );
  expect(answer).toMatchObject({ operation: { status: "completed" } });
});

test("the answer waits until the cache write was tried", async () => {
  const trial = Promise.withResolvers<void>();
  let isAnswered = false;
  const dispatcher = {
    dispatch: async () => ({ workflowId: "carrier-1", storedBefore: new Map(), isCommitted: true }),
  };
  const answer = submit(
    {
      dispatcher: { ...dispatcher, isPulling: () => true },
      outcomes: { awaitOutcome: async () => ({ operation: stored, cached: trial.promise }) },
    },
    1,
  ).then(() => {
    isAnswered = true;
  });
  await Bun.sleep(0);
  expect(isAnswered).toBe(false);
  trial.resolve();
  await answer;
});
