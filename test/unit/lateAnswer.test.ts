import { expect, test } from "bun:test";
import { createBatches } from "../../src/api/batches/service.ts";
import { createOperations } from "../../src/api/operations/service.ts";
import { createOperationView } from "../../src/api/operations/view.ts";
import { DispatchError } from "../../src/dispatch/dispatchError.ts";
import type { FindStored } from "../../src/dispatch/storedOperations.ts";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import { ASKED, storedDeposit } from "../support/storedDeposit.ts";

const [caller, idempotencyKey] = ["test", "topup-1"] as const;
const operationId = deriveOperationId(caller, idempotencyKey);
const stored = storedDeposit(operationId, "carrier-1");
const refuse = () => Promise.reject(new DispatchError("temporal_unavailable"));
const answers = { awaitAnswer: async () => undefined };
const view = createOperationView("http://localhost");

/** A ledger that is too slow for the first look, and in time for the second. */
function slowAtFirst(): FindStored {
  const looks = [new Map(), new Map([[operationId, stored]])];
  return async () => looks.shift()!;
}

test("an operation that is stored between the first look at the ledger and the end of its workflow is found", async () => {
  const looks: StoredOperation[][] = [[], [stored]];
  const operations = createOperations({
    findOperations: async () => looks.shift()!,
    findStored: async () => new Map(),
    dispatcher: { dispatch: refuse },
    answers,
    carriers: { isRunning: async () => false, readOperations: async () => [] },
    view,
  });
  expect(await operations.find(operationId, "carrier-1")).toMatchObject({ status: "completed" });
  expect(looks).toEqual([]);
});

test("a finished operation that the ledger was too slow to show is answered all the same while Temporal is away", async () => {
  const operations = createOperations({
    findOperations: async () => [],
    findStored: slowAtFirst(),
    dispatcher: { dispatch: refuse },
    answers,
    carriers: { isRunning: async () => false, readOperations: async () => [] },
    view,
  });
  const answer = await operations.submit({
    asked: ASKED,
    caller,
    idempotencyKey,
    requestId: "request",
    waitSeconds: undefined,
  });
  expect(answer).toMatchObject({ replayed: true, operation: { status: "completed", workflowId: "carrier-1" } });
});

test("so is a finished batch", async () => {
  const batches = createBatches({
    findStored: slowAtFirst(),
    dispatcher: { dispatchBatch: refuse },
    answers,
    view,
  });
  const batch = {
    items: [{ idempotencyKey, asked: ASKED }],
    isAtomic: false,
    caller,
    requestId: "request",
    waitSeconds: undefined,
  };
  const answer = await batches.submit(batch);
  expect(answer).toMatchObject({ replayed: true, answer: { operations: [{ status: "completed" }] } });
});
