import { describe, expect, test } from "bun:test";
import { defaultPayloadConverter } from "@temporalio/common";
import type { Operation } from "../../src/ledger/operations.ts";
import { carried, countsOf } from "../support/activities/carried.ts";
import { deposit } from "../support/ledger/operations.ts";
import { recognition } from "../support/ledger/reservationOperations.ts";
import { awaitSleep } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { createHeldMoney, reserveTen } from "../support/workflows/heldMoney.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { goodActivities, postLeaving } from "../support/workflows/workbench.ts";
import { failing } from "./runs.ts";

const bench = useWorkbench();

async function startAsleep() {
  const money = createHeldMoney();
  const operation = reserveTen();
  const { handle } = await bench.startSaga([operation], money.activities);
  await awaitSleep(handle);
  return { money, reservationId: operation.operationId, handle };
}

type Saga = Awaited<ReturnType<typeof startAsleep>>;

/** Starts a carrier that settles all reservations of the sagas. It returns these ids to signal. */
async function startSettling(sagas: Saga[], sagaWorkflowIds: string[], operations: Operation[]) {
  const post = postLeaving({ sagaWorkflowIds });
  return await bench.startCarrier(operations, {
    async post(...args) {
      for (const { money, reservationId } of sagas) money.settle(reservationId, "recognized");
      return await post(...args);
    },
  });
}

/** The signals that the saga has received. */
async function signalsOf({ handle }: Saga) {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []);
}

test("a carrier that settles a saga's last reservation signals it, in a payload that an operator can read", async () => {
  const saga = await startAsleep();
  const operation = recognition({ reservationId: saga.reservationId });
  const { handle } = await startSettling([saga], [saga.handle.workflowId], [operation]);
  await handle.result();
  await saga.handle.result();

  const [signal, ...others] = await signalsOf(saga);
  expect(others).toEqual([]);
  expect(signal?.signalName).toBe("changed");
  const [payload, ...more] = signal?.input?.payloads ?? [];
  expect(more).toEqual([]);
  expect(Buffer.from(payload!.metadata!.encoding!).toString()).toBe("json/plain");
  expect(defaultPayloadConverter.fromPayload<unknown>(payload!)).toEqual({ byWorkflowId: handle.workflowId });
});

test("a sweep that expires for sagas signals each, so that they end", async () => {
  const sagas = await Promise.all([startAsleep(), startAsleep()]);
  const { handle } = await bench.startSweep({
    async expireOverdue() {
      for (const { money, reservationId } of sagas) money.settle(reservationId, "expired");
      const sagaWorkflowIds = sagas.map((saga) => saga.handle.workflowId);
      return carried({ counts: [{ kind: "expiry", outcome: "completed", count: 2 }], sagaWorkflowIds });
    },
  });
  await handle.result();
  await Promise.all(sagas.map((saga) => saga.handle.result()));
  for (const saga of sagas) {
    const payloads = (await signalsOf(saga)).map(({ input }) =>
      defaultPayloadConverter.fromPayload<unknown>(input!.payloads![0]!),
    );
    expect(payloads).toEqual([{ byWorkflowId: handle.workflowId }]);
  }
});

/** Warnings are in order: once this one is logged, earlier ones are too. */
async function awaitLaterWarning(): Promise<void> {
  const post = failing(3, "PostgreSQL is away", goodActivities().post);
  const { handle } = await bench.startCarrier([deposit("alice", "1.00")], { post });
  await eventually(async () => bench.warningsOf(handle.workflowId).length > 0, 30_000);
}

describe("a saga that cannot be signalled", () => {
  test("keeps neither the carrier from its end nor the others from their signals", async () => {
    const sagas = await Promise.all([startAsleep(), startAsleep()]);
    const [first, second] = sagas.map(({ handle }) => handle.workflowId) as [string, string];
    const operations = sagas.map(({ reservationId }) => recognition({ reservationId }));
    const { handle } = await startSettling(sagas, [first, `gone-${crypto.randomUUID()}`, second], operations);
    expect(await handle.result()).toEqual({ counts: countsOf(operations) });
    await Promise.all(sagas.map((saga) => saga.handle.result()));
  });

  test("because it has ended already causes no warning", async () => {
    const saga = await startAsleep();
    saga.money.settle(saga.reservationId, "recognized");
    await saga.handle.signal("changed", { byWorkflowId: "another" });
    await saga.handle.result();
    for (const id of [saga.handle.workflowId, `never-there-${crypto.randomUUID()}`]) {
      const { handle } = await startSettling([], [id], [recognition({ reservationId: saga.reservationId })]);
      await handle.result();
      const { events } = await handle.fetchHistory();
      const failed = events?.filter((event) => event.signalExternalWorkflowExecutionFailedEventAttributes);
      expect(failed).toHaveLength(1);
      await awaitLaterWarning();
      expect(bench.warningsOf(handle.workflowId)).toEqual([]);
    }
  });
});
