import { describe, expect, test } from "bun:test";
import { createBatches } from "../../src/api/batches/service.ts";
import { createOperationView } from "../../src/api/operations/view.ts";
import { nameBatch } from "../../src/dispatch/dispatcher.ts";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import { ASKED, storedDeposit } from "../support/storedDeposit.ts";

const caller = "test";
const keys = ["one", "two"];
const operationIds = keys.map((key) => deriveOperationId(caller, key));
const ownId = nameBatch(operationIds, false);

function storedBy(...workflowIds: string[]): StoredOperation[] {
  return workflowIds.map((workflowId, index) => storedDeposit(operationIds[index]!, workflowId));
}

type Setting = { before?: StoredOperation[]; carrierId?: string; after?: StoredOperation[] };

/** A batch of two whose dispatch names this carrier; what is stored before it, and what the ledger then says. */
async function submit({ before = [], carrierId = ownId, after = [] }: Setting) {
  const batches = createBatches({
    findStored: async () => new Map(before.map((one) => [one.operationId, one])),
    dispatcher: { dispatchBatch: async () => carrierId },
    answers: { awaitAnswer: async (operationId) => after.find((one) => one.operationId === operationId) },
    view: createOperationView("http://localhost"),
  });
  const items = keys.map((idempotencyKey) => ({ idempotencyKey, asked: ASKED }));
  return await batches.submit({ items, isAtomic: false, caller, requestId: "request", waitSeconds: 1 });
}

describe("the workflow that a batch names", () => {
  test("is the carrier that it shares with others, also for what is still pending", async () => {
    const [first] = storedBy("carrier-shared");
    const { answer, isFinished, replayed } = await submit({ carrierId: "carrier-shared", after: [first!] });
    expect(answer.workflowId).toBe("carrier-shared");
    expect(answer.operations).toMatchObject([
      { status: "completed", workflowId: "carrier-shared" },
      { status: "pending", workflowId: "carrier-shared" },
    ]);
    expect({ isFinished, replayed }).toEqual({ isFinished: false, replayed: false });
  });

  test("is the one that has carried it meanwhile, and the answer is then a replay", async () => {
    const { answer, replayed } = await submit({ carrierId: "carrier-second", after: storedBy(ownId, ownId) });
    expect(answer).toMatchObject({ workflowId: ownId, links: { temporal: expect.stringContaining(ownId) } });
    expect(replayed).toBe(true);
  });

  test("is its own where that carried some of it, and others the rest", async () => {
    const { answer, replayed } = await submit({ after: storedBy("carrier-before", ownId) });
    expect(answer.workflowId).toBe(ownId);
    expect(replayed).toBe(false);
  });

  test("is that of then, where all of it was stored before, whatever that was called", async () => {
    for (const workflowId of [ownId, "carrier-shared"]) {
      const { answer, replayed } = await submit({ before: storedBy(workflowId, workflowId) });
      expect(answer.workflowId).toBe(workflowId);
      expect(replayed).toBe(true);
    }
  });
});
