import { expect, test } from "bun:test";
import { createOperations } from "../../src/api/operations/service.ts";
import { createOperationView } from "../../src/api/operations/view.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import { deposit } from "../support/operations.ts";

test("an operation that is stored between the first look at the ledger and the end of its workflow is found", async () => {
  const asked = deposit("alice", "1.00");
  const stored: StoredOperation = {
    operationId: asked.operationId,
    kind: "deposit",
    request: { userId: "alice", amount: "1.00" },
    workflowId: "carrier-1",
    decline: null,
    reservationId: null,
    expiresAt: null,
    amountMinor: 100n,
    createdAt: new Date(0),
    completedAt: new Date(1),
    balance: { availableMinor: 100n, reservedMinor: 0n, version: 1 },
  };
  const looks: StoredOperation[][] = [[], [stored]];
  const operations = createOperations({
    findOperations: async () => looks.shift()!,
    findStored: async () => new Map(),
    dispatcher: { dispatch: () => Promise.reject(new Error("Nothing is dispatched here")) },
    answers: { awaitAnswer: async () => undefined },
    carriers: { isRunning: async () => false, readOperations: async () => [] },
    view: createOperationView("http://localhost"),
  });
  expect(await operations.find(asked.operationId, "carrier-1")).toMatchObject({ status: "completed" });
  expect(looks).toEqual([]);
});
