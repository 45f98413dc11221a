import { describe, expect, test } from "bun:test";
import type { WorkflowHandle } from "@temporalio/client";
import { CHANGED_SIGNAL, type Changed, RELEASE_SIGNAL } from "../../src/workflows/contract.ts";
import { awaitDetails, awaitSleep, readTimers } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { createHeldMoney, reserveTen } from "../support/workflows/heldMoney.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { createWorkbench, storeError } from "../support/workflows/workbench.ts";

const bench = useWorkbench();

const changed: Changed = { byWorkflowId: "another" };
const id = ({ operationId }: { operationId: string }) => operationId;

/** Starts a saga with this many reservations of an hour, and waits until it sleeps. */
async function startAsleep(count: number) {
  const money = createHeldMoney();
  const list = Array.from({ length: count }, () => reserveTen());
  const { handle, calls } = await bench.startSaga(list, money.activities);
  await awaitSleep(handle);
  return { money, ids: list.map(id), handle, calls };
}

describe("the changed signal", () => {
  test("closes a saga without an open reservation", async () => {
    const { money, ids, handle } = await startAsleep(1);
    money.settle(ids[0]!, "recognized");
    await handle.signal(CHANGED_SIGNAL, changed);
    await handle.result();
    expect(await awaitDetails(handle, "Settled.")).toBe("Reserved 10.00, recognized 10.00. Settled.");
  });

  test("updates the sums of a saga with an open reservation, which continues to wait", async () => {
    const { money, ids, handle } = await startAsleep(1);
    money.settle(ids[0]!, "recognized", "4.00");
    await handle.signal(CHANGED_SIGNAL, changed);
    expect(await awaitDetails(handle, "recognized")).toStartWith("Reserved 10.00, recognized 4.00, 6.00 until ");
    await awaitSleep(handle, 2);
    expect((await handle.describe()).status.name).toBe("RUNNING");
  });

  test("two carriers that settle the last two reservations concurrently close the saga once", async () => {
    const { money, ids, handle, calls } = await startAsleep(2);
    await Promise.all(
      ids.map(async (reservationId) => {
        money.settle(reservationId, "recognized");
        await handle.signal(CHANGED_SIGNAL, changed);
      }),
    );
    await handle.result();
    expect((await handle.describe()).status.name).toBe("COMPLETED");
    expect(calls.filter(({ name }) => name === "releaseByOperator")).toEqual([]);
  });

  test("is not lost during the post: the saga reads the ledger again at once", async () => {
    const money = createHeldMoney();
    const operation = reserveTen();
    const { handle, calls } = await bench.startSaga([operation], {
      ...money.activities,
      async post(carrier, input) {
        const posted = await money.activities.post(carrier, input);
        money.settle(operation.operationId, "recognized");
        await bench.client.workflow.getHandle(carrier.workflowId).signal(CHANGED_SIGNAL, changed);
        return posted;
      },
    });
    await handle.result();
    expect(calls.map(({ name }) => name)).toEqual(["post", "expire"]);
  });

  test("as the saga ends makes it run again without a change", async () => {
    const money = createHeldMoney();
    const operation = reserveTen();
    const { handle, calls } = await bench.startSaga([operation], {
      ...money.activities,
      async post(carrier, input) {
        await money.activities.post(carrier, input);
        // Signals once. While the server waits to close a workflow again, it accepts no further signal.
        if (money.partsOf(operation.operationId).recognized === "0.00") {
          money.settle(operation.operationId, "recognized");
          await bench.client.workflow.getHandle(carrier.workflowId).signal(CHANGED_SIGNAL, changed);
        }
        return await money.activities.post(carrier, input);
      },
    });
    await handle.result();
    expect((await readTimers(handle)).setMs).toEqual([]);
    expect(calls.map(({ name }) => name)).toEqual(["post", "post"]);
    expect(money.partsOf(operation.operationId)).toMatchObject({ recognized: "10.00", remaining: "0.00" });
  });

  test("after the ledger's answer was computed, but before it arrives, makes the saga read again", async () => {
    const money = createHeldMoney();
    const operation = reserveTen();
    let attempts = 0;
    const { handle } = await bench.startSaga([operation], {
      ...money.activities,
      async expire(workflowId) {
        attempts += 1;
        // Only a regular activity, outside any workflow task, lets a signal in before its result.
        if (attempts <= 3) throw storeError("PostgreSQL is away");
        const answer = await money.activities.expire(workflowId);
        if (attempts === 4) {
          money.settle(operation.operationId, "recognized");
          const saga = bench.client.workflow.getHandle(workflowId);
          await saga.signal(CHANGED_SIGNAL, changed);
          await awaitTaskAfterSignal(saga);
        }
        return answer;
      },
    });
    await awaitSleep(handle);
    await handle.signal(CHANGED_SIGNAL, changed);
    await handle.result();
    expect(attempts).toBe(5);
    expect((await readTimers(handle)).setMs).toHaveLength(1);
  });

  test("with an invalid payload does no harm", async () => {
    const { money, ids, handle } = await startAsleep(1);
    money.settle(ids[0]!, "recognized");
    await handle.signal(CHANGED_SIGNAL);
    await handle.result();
  });
});

/** Resolves once the workflow has processed the last signal. */
async function awaitTaskAfterSignal(handle: WorkflowHandle): Promise<void> {
  await eventually(async () => {
    const events = (await handle.fetchHistory()).events ?? [];
    const signaled = events.findLastIndex((event) => event.workflowExecutionSignaledEventAttributes);
    return signaled >= 0 && events.slice(signaled).some((event) => event.workflowTaskCompletedEventAttributes);
  });
}

describe("the release signal", () => {
  test("releases the reservation that it names, for the operator that it names, and leaves the others open", async () => {
    const { money, ids, handle, calls } = await startAsleep(3);
    const order = { reservationId: ids[1]!, by: "olga", reason: "The order was given up" };
    await handle.signal(RELEASE_SIGNAL, { ...order, hurry: true });
    await awaitDetails(handle, "released 10.00");
    expect(ids.map((reservationId) => money.partsOf(reservationId).released)).toEqual(["0.00", "10.00", "0.00"]);
    expect(calls.filter(({ name }) => name === "releaseByOperator")).toMatchObject([
      { args: [handle.workflowId, order], isLocal: true },
    ]);
    expect((await handle.describe()).status.name).toBe("RUNNING");
  });

  test("publishes the release later, where that was not possible at once", async () => {
    const { money, ids, handle, calls } = await startAsleep(1);
    money.kafka.publication = "waiting";
    const before = calls.length;
    await handle.signal(RELEASE_SIGNAL, { reservationId: ids[0]! });
    await handle.result();
    const [first, ...others] = calls.slice(before).map(({ name }) => name);
    expect(first).toBe("releaseByOperator");
    expect(others.toSorted()).toEqual(["expire", "publishEvents"]);
    expect((await handle.describe()).status.name).toBe("COMPLETED");
  });

  test("sent several times at once releases each named reservation once, and the saga closes", async () => {
    const { money, ids, handle } = await startAsleep(3);
    await Promise.all(ids.map((reservationId) => handle.signal(RELEASE_SIGNAL, { reservationId })));
    await handle.result();
    expect(ids.map((reservationId) => money.partsOf(reservationId).released)).toEqual(["10.00", "10.00", "10.00"]);
  });

  test("for a reservation of no saga releases nothing, and the details show that", async () => {
    const { money, ids, handle } = await startAsleep(2);
    const unknownId = crypto.randomUUID();
    await handle.signal(RELEASE_SIGNAL, { reservationId: unknownId });
    await awaitDetails(handle, `Asked to release ${unknownId}, which this saga does not watch.`);
    await awaitSleep(handle, 2);
    expect(ids.map((reservationId) => money.partsOf(reservationId).released)).toEqual(["0.00", "0.00"]);
  });

  test("for a reservation of another saga releases nothing, and the details show that", async () => {
    const [one, other] = await Promise.all([startAsleep(1), startAsleep(1)]);
    await one.handle.signal(RELEASE_SIGNAL, { reservationId: other.ids[0]! });
    await awaitDetails(one.handle, `Asked to release ${other.ids[0]}, which this saga does not watch.`);
    expect(other.money.partsOf(other.ids[0]!).released).toBe("0.00");
  });

  test("for a settled reservation releases nothing, and the details show the reason", async () => {
    const { money, ids, handle } = await startAsleep(2);
    money.settle(ids[0]!, "recognized");
    await handle.signal(RELEASE_SIGNAL, { reservationId: ids[0]! });
    await awaitDetails(handle, `Asked to release ${ids[0]}: reservation_settled.`);
    expect(money.partsOf(ids[0]!)).toMatchObject({ recognized: "10.00", released: "0.00" });
  });

  test.each([
    ["no payload", []],
    ["null", [null]],
    ["a text", ["all"]],
    ["an empty object", [{}]],
    ["a number for an id", [{ reservationId: 1 }]],
    ["an id without a text form", [{ reservationId: { toString: 1 } }]],
  ])("with %s releases nothing, shows that, and the saga continues", async (_, args) => {
    const { money, ids, handle } = await startAsleep(1);
    await handle.signal(RELEASE_SIGNAL, ...(args as []));
    await awaitDetails(handle, "which this saga does not watch.");
    expect(money.partsOf(ids[0]!).released).toBe("0.00");
    money.settle(ids[0]!, "recognized");
    await handle.signal(CHANGED_SIGNAL, changed);
    await handle.result();
  });

  test("before the first step, without a worker, is applied once the reservation is open", async () => {
    await using own = await createWorkbench();
    await own.stopWorkers();
    const money = createHeldMoney();
    const operation = reserveTen();
    const { handle } = await own.startSaga([operation], money.activities);
    await handle.signal(RELEASE_SIGNAL, { reservationId: operation.operationId });
    await own.startWorkers();
    await handle.result();
    expect(money.partsOf(operation.operationId).released).toBe("10.00");
  }, 40_000);

  test("during the post is applied once the reservation is open", async () => {
    const money = createHeldMoney();
    const operation = reserveTen();
    const { handle } = await bench.startSaga([operation], {
      ...money.activities,
      async post(carrier, input) {
        const saga = bench.client.workflow.getHandle(carrier.workflowId);
        await saga.signal(RELEASE_SIGNAL, { reservationId: operation.operationId });
        return await money.activities.post(carrier, input);
      },
    });
    await handle.result();
    expect(money.partsOf(operation.operationId).released).toBe("10.00");
  });

  test("repeated during the release finds the reservation settled: it is released once", async () => {
    const money = createHeldMoney();
    const [operation, other] = [reserveTen(), reserveTen()];
    let releases = 0;
    const { handle } = await bench.startSaga([operation, other], {
      ...money.activities,
      async releaseByOperator(workflowId, release) {
        releases += 1;
        if (releases === 1) await bench.client.workflow.getHandle(workflowId).signal(RELEASE_SIGNAL, release);
        return await money.activities.releaseByOperator(workflowId, release);
      },
    });
    await awaitSleep(handle);
    await handle.signal(RELEASE_SIGNAL, { reservationId: operation.operationId });
    await eventually(async () => releases === 2);
    await awaitDetails(handle, "reservation_settled");
    expect(money.partsOf(operation.operationId).released).toBe("10.00");
    expect(money.partsOf(other.operationId).released).toBe("0.00");
  });
});
