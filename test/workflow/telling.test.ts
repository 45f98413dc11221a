import { afterAll, beforeAll, expect, test } from "bun:test";
import { defaultPayloadConverter } from "@temporalio/common";
import type { Operation } from "../../src/ledger/operations.ts";
import { carried } from "../support/carried.ts";
import { createHeldMoney, reserveTen } from "../support/heldMoney.ts";
import { awaitSleep } from "../support/operatorsView.ts";
import { recognition } from "../support/reservationOperations.ts";
import { createWorkbench, postLeaving, quietenTemporal, type Workbench } from "../support/workbench.ts";

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

/** A carrier that settles all that the sagas hold, and finds these concerned by the first of its operations. */
async function startSettling(sagas: Saga[], concerned: string[], operations: Operation[]) {
  const operationIds = operations.slice(0, 1).map(({ operationId }) => operationId);
  const post = postLeaving({ sagas: concerned.map((sagaWorkflowId) => ({ sagaWorkflowId, operationIds })) });
  return await bench.startCarrier(operations, {
    async post(...asked) {
      for (const { money, reservationId } of sagas) money.settle(reservationId, "recognized");
      return await post(...asked);
    },
  });
}

/** The signals that the saga has had. */
async function signalsOf({ handle }: Saga) {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []);
}

test("a carrier that settles a saga's last reservation tells it by whom and with which operations, in a payload that an operator can read", async () => {
  const saga = await startAsleep();
  const asked = recognition({ reservationId: saga.reservationId });
  const { handle } = await startSettling([saga], [saga.handle.workflowId], [asked]);
  await handle.result();
  await saga.handle.result();

  const [signal, ...others] = await signalsOf(saga);
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

test("a sweep that expires for sagas tells each of its own operations, so that they close", async () => {
  const sagas = await Promise.all([startAsleep(), startAsleep()]);
  const expiryOf = (saga: Saga) => `expiry-for-${saga.handle.workflowId}`;
  const { handle } = await bench.startSweep({
    async expireOverdue() {
      for (const { money, reservationId } of sagas) money.settle(reservationId, "expired");
      return carried(
        sagas.map((saga) => ({ operationId: expiryOf(saga), status: "completed" })),
        { sagas: sagas.map((saga) => ({ sagaWorkflowId: saga.handle.workflowId, operationIds: [expiryOf(saga)] })) },
      );
    },
  });
  await handle.result();
  await Promise.all(sagas.map((saga) => saga.handle.result()));
  for (const saga of sagas) {
    const told = (await signalsOf(saga)).map(({ input }) =>
      defaultPayloadConverter.fromPayload<unknown>(input!.payloads![0]!),
    );
    expect(told).toEqual([{ byWorkflowId: handle.workflowId, operationIds: [expiryOf(saga)] }]);
  }
});
