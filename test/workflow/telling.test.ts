import { afterAll, beforeAll, expect, test } from "bun:test";
import { defaultPayloadConverter } from "@temporalio/common";
import type { Operation } from "../../src/ledger/operations.ts";
import { createHeldMoney, reserveTen } from "../support/heldMoney.ts";
import { deposit } from "../support/operations.ts";
import { awaitSleep } from "../support/operatorsView.ts";
import { extension, recognition, refund, release } from "../support/reservationOperations.ts";
import { createWorkbench, goodActivities, quietenTemporal, trouble, type Workbench } from "../support/workbench.ts";

let bench: Workbench;
beforeAll(async () => {
  quietenTemporal();
  bench = await createWorkbench();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose](), 30_000);

async function startAsleep() {
  const money = createHeldMoney();
  const asked = reserveTen();
  const { handle } = await bench.startSaga([asked], money.activities);
  await awaitSleep(handle);
  return { money, reservationId: asked.operationId, handle };
}

type Saga = Awaited<ReturnType<typeof startAsleep>>;

/** A carrier that settles all that the sagas hold, and finds them concerned. */
async function startSettling(sagas: Saga[], concerned: string[], operations: Operation[]) {
  return await bench.startCarrier(operations, {
    async post(workflowId, asked) {
      for (const { money, reservationId } of sagas) money.settle(reservationId, "recognized");
      return await goodActivities().post(workflowId, asked);
    },
    findSagasConcerned: async (_, operationIds) =>
      concerned.map((sagaWorkflowId) => ({ sagaWorkflowId, operationIds: operationIds.slice(0, 1) })),
  });
}

test("a carrier that settles a saga's last reservation tells it by whom and with which operations, in a payload that an operator can read", async () => {
  const saga = await startAsleep();
  const asked = recognition({ reservationId: saga.reservationId });
  const { handle, calls } = await startSettling([saga], [saga.handle.workflowId], [asked]);
  await handle.result();
  await saga.handle.result();
  expect(calls.filter(({ name }) => name === "findSagasConcerned")).toMatchObject([
    { args: [handle.workflowId, [asked.operationId]], isLocal: true },
  ]);

  const { events } = await saga.handle.fetchHistory();
  const [signal, ...others] = (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []);
  expect(others).toEqual([]);
  expect(signal?.signalName).toBe("changed");
  const [payload, ...more] = signal?.input?.payloads ?? [];
  expect(more).toEqual([]);
  expect(Buffer.from(payload!.metadata!.encoding!).toString()).toBe("json/plain");
  expect(defaultPayloadConverter.fromPayload<unknown>(payload!)).toEqual({
    byWorkflowId: handle.workflowId,
    operationIds: [asked.operationId],
  });
});

test.each([
  ["recognition", () => recognition({ reservationId: crypto.randomUUID() })],
  ["release", () => release({ reservationId: crypto.randomUUID() })],
  ["extension", () => extension(crypto.randomUUID(), 60)],
])("sagas are asked for after a %s", async (_, make) => {
  const { handle, calls } = await bench.startCarrier([deposit("alice", "1.00"), make()]);
  await handle.result();
  expect(calls.map(({ name }) => name)).toContain("findSagasConcerned");
});

test("sagas are not asked for where no reservation can have changed: after a deposit, a refund, a decline", async () => {
  const declined = release({ reservationId: crypto.randomUUID() });
  const runs = await Promise.all([
    bench.startCarrier([deposit("alice", "1.00"), refund(crypto.randomUUID())]),
    bench.startCarrier([declined], {
      post: async () => [{ operationId: declined.operationId, status: "declined", code: "reservation_not_found" }],
    }),
  ]);
  for (const { handle, calls } of runs) {
    await handle.result();
    expect(calls.map(({ name }) => name)).not.toContain("findSagasConcerned");
  }
});

test("a saga that is gone keeps neither the carrier from its end nor the others from hearing of it", async () => {
  const sagas = await Promise.all([startAsleep(), startAsleep()]);
  const [first, second] = sagas.map(({ handle }) => handle.workflowId) as [string, string];
  const { handle } = await startSettling(
    sagas,
    [first, `gone-${crypto.randomUUID()}`, second],
    sagas.map(({ reservationId }) => recognition({ reservationId })),
  );
  expect((await handle.result()).outcomes.map(({ status }) => status)).toEqual(["completed", "completed"]);
  await Promise.all(sagas.map((saga) => saga.handle.result()));
});

test("where the sagas cannot be found out, a carrier tries once, publishes, and ends", async () => {
  const { handle, calls } = await bench.startCarrier([release({ reservationId: crypto.randomUUID() })], {
    findSagasConcerned: () => Promise.reject(trouble("PostgreSQL is away")),
  });
  await handle.result();
  expect(calls.filter(({ name }) => name === "findSagasConcerned")).toHaveLength(1);
  expect(calls.map(({ name }) => name)).toContain("tryPublishEvents");
});

test("a sweep that expires for a saga tells it, so that it closes", async () => {
  const saga = await startAsleep();
  const { handle } = await bench.startSweep({
    async expireOverdue() {
      saga.money.settle(saga.reservationId, "expired");
      return [{ operationId: "expiry", status: "completed" }];
    },
    findSagasConcerned: async (_, operationIds) => [{ sagaWorkflowId: saga.handle.workflowId, operationIds }],
  });
  await handle.result();
  await saga.handle.result();
});
