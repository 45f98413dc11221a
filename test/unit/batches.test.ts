import { describe, expect, test } from "bun:test";
import { createBatches } from "../../src/api/batches/service.ts";
import { createOperationView } from "../../src/api/operations/view.ts";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import { DEPOSIT_REQUEST, storedDeposit } from "../support/dispatch/storedDeposit.ts";

const caller = "test";
const keys = ["one", "two"];
const operationIds = keys.map((key) => deriveOperationId(caller, key));
const ownId = "carrier-own";

function storedBy(...workflowIds: string[]): StoredOperation[] {
  return workflowIds.map((workflowId, index) => storedDeposit(operationIds[index]!, workflowId));
}

type Setting = {
  before?: StoredOperation[];
  carrierId?: string;
  storedBefore?: string[];
  after?: StoredOperation[];
};

/**
 * Submits a batch of two.
 *
 * `carrierId` comes from its dispatch, `before` is stored already, and `after` holds its outcomes.
 */
async function submit({ before = [], carrierId = ownId, storedBefore = [], after = [] }: Setting) {
  const batches = createBatches({
    findStored: async () => new Map(before.map((one) => [one.operationId, one])),
    dispatcher: {
      dispatch: async () => ({
        workflowId: carrierId,
        storedBefore: new Map(storedBefore.map((id) => [id, {} as StoredOperation])),
        isCommitted: true,
      }),
    },
    outcomes: {
      async awaitOutcome(operationId) {
        const operation = after.find((one) => one.operationId === operationId);
        return operation && { operation, cached: Promise.resolve() };
      },
    },
    view: createOperationView("http://localhost", "RUB"),
    currency: "RUB",
  });
  const items = keys.map((idempotencyKey) => ({ idempotencyKey, operationRequest: DEPOSIT_REQUEST }));
  const submission = { items, isAtomic: false, caller, requestId: "request", waitSeconds: 1 };
  return await batches.submit({ ...submission, assertConnected: async () => {} });
}

describe("the workflow that a batch names", () => {
  test("is its carrier, also while operations are pending", async () => {
    const [first] = storedBy("carrier-shared");
    const { answer, isFinished, replayed } = await submit({ carrierId: "carrier-shared", after: [first!] });
    expect(answer.workflowId).toBe("carrier-shared");
    expect(answer.operations).toMatchObject([
      { status: "completed", workflowId: "carrier-shared" },
      { status: "pending", workflowId: "carrier-shared" },
    ]);
    expect({ isFinished, replayed }).toEqual({ isFinished: false, replayed: false });
  });

  test("is another carrier that posted all of it first, and the answer is then a replay", async () => {
    const { answer, replayed } = await submit({ carrierId: "carrier-second", after: storedBy(ownId, ownId) });
    expect(answer).toMatchObject({ workflowId: ownId, links: { temporal: expect.stringContaining(ownId) } });
    expect(replayed).toBe(true);
  });

  test("is its own carrier where that posted only a part of it", async () => {
    const { answer, replayed } = await submit({ after: storedBy("carrier-before", ownId) });
    expect(answer.workflowId).toBe(ownId);
    expect(replayed).toBe(false);
  });

  test("is the carrier of the first submission, whether a query or a posting found that", async () => {
    const stored = storedBy("carrier-before", "carrier-before");
    const found = [{ before: stored }, { storedBefore: operationIds, after: stored }];
    for (const setting of found) {
      const { answer, replayed } = await submit(setting);
      expect(answer.workflowId).toBe("carrier-before");
      expect(replayed).toBe(true);
    }
  });
});

test("a batch that its own carrier posts again is a replay; a batch with a new part is not", async () => {
  const after = storedBy(ownId, ownId);
  expect((await submit({ storedBefore: operationIds, after })).replayed).toBe(true);
  expect((await submit({ storedBefore: operationIds.slice(1), after })).replayed).toBe(false);
});
