import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { WorkflowHandle } from "@temporalio/client";
import { CHANGED_SIGNAL, type Changed, RELEASE_SIGNAL } from "../../src/workflows/contract.ts";
import { awaitDetails, awaitSleep, readTimers } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { createHeldMoney, reserveTen } from "../support/workflows/heldMoney.ts";
import { createWorkbench, quietenTemporal, storeError, type Workbench } from "../support/workflows/workbench.ts";

let bench: Workbench;
beforeAll(async () => {
  quietenTemporal();
  bench = await createWorkbench();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose](), 30_000);

const changed: Changed = { byWorkflowId: "another" };
const id = ({ operationId }: { operationId: string }) => operationId;

/** A saga of so many reservations that all hold for an hour, asleep. */
async function startAsleep(count: number) {
  const money = createHeldMoney();
  const list = Array.from({ length: count }, () => reserveTen());
  const { handle, calls } = await bench.startSaga(list, money.activities);
  await awaitSleep(handle);
  return { money, ids: list.map(id), handle, calls };
}

describe("the signal that something has changed", () => {
  test("it closes a saga of which nothing is open any more", async () => {
    const { money, ids, handle } = await startAsleep(1);
    money.settle(ids[0]!, "recognized");
    await handle.signal(CHANGED_SIGNAL, changed);
    await handle.result();
    expect(await awaitDetails(handle, "Settled.")).toBe("Reserved 10.00, recognized 10.00. Settled.");
  });

  test("a saga of which something is open shows the new sums, and goes on waiting", async () => {
    const { money, ids, handle } = await startAsleep(1);
    money.settle(ids[0]!, "recognized", "4.00");
    await handle.signal(CHANGED_SIGNAL, changed);
    expect(await awaitDetails(handle, "recognized")).toStartWith("Reserved 10.00, recognized 4.00, 6.00 until ");
    await awaitSleep(handle, 2);
    expect((await handle.describe()).status.name).toBe("RUNNING");
  });

  test("two carriers that settle the last two members at once close the saga once, without a failure", async () => {
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

  test("one that comes during the post is not lost: the saga asks the ledger again at once", async () => {
    const money = createHeldMoney();
    const asked = reserveTen();
    const { handle, calls } = await bench.startSaga([asked], {
      ...money.activities,
      async post(carrier, input) {
        const posted = await money.activities.post(carrier, input);
        money.settle(asked.operationId, "recognized");
        await bench.client.workflow.getHandle(carrier.workflowId).signal(CHANGED_SIGNAL, changed);
        return posted;
      },
    });
    await handle.result();
    expect(calls.map(({ name }) => name)).toEqual(["post", "expire"]);
  });

  test("one that comes as the saga ends makes it run again, which changes nothing", async () => {
    const money = createHeldMoney();
    const asked = reserveTen();
    const { handle, calls } = await bench.startSaga([asked], {
      ...money.activities,
      async post(carrier, input) {
        await money.activities.post(carrier, input);
        // Once: the server takes no signal while it waits for a workflow to close again that it had to hold back from closing.
        if (money.partsOf(asked.operationId).recognized === "0.00") {
          money.settle(asked.operationId, "recognized");
          await bench.client.workflow.getHandle(carrier.workflowId).signal(CHANGED_SIGNAL, changed);
        }
        return await money.activities.post(carrier, input);
      },
    });
    await handle.result();
    expect((await readTimers(handle)).setMs).toEqual([]);
    expect(calls.map(({ name }) => name)).toEqual(["post", "post"]);
    expect(money.partsOf(asked.operationId)).toMatchObject({ recognized: "10.00", remaining: "0.00" });
  });

  test("one that comes while the ledger is asked, after its answer was made, makes the saga ask again", async () => {
    const money = createHeldMoney();
    const asked = reserveTen();
    let attempts = 0;
    const { handle } = await bench.startSaga([asked], {
      ...money.activities,
      async expire(workflowId) {
        attempts += 1;
        // Only as a regular activity, outside any workflow task, does it let a signal in before its answer.
        if (attempts <= 3) throw storeError("PostgreSQL is away");
        const answer = await money.activities.expire(workflowId);
        if (attempts === 4) {
          money.settle(asked.operationId, "recognized");
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

  test("a payload that is none harms nothing", async () => {
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

describe("the signal release", () => {
  test("it releases the one that it names, and leaves the others to themselves", async () => {
    const { money, ids, handle, calls } = await startAsleep(3);
    await handle.signal(RELEASE_SIGNAL, { reservationId: ids[1]! });
    await awaitDetails(handle, "released 10.00");
    expect(ids.map((reservationId) => money.partsOf(reservationId).released)).toEqual(["0.00", "10.00", "0.00"]);
    expect(calls.filter(({ name }) => name === "releaseByOperator")).toMatchObject([
      { args: [handle.workflowId, ids[1]!], isLocal: true },
    ]);
    expect((await handle.describe()).status.name).toBe("RUNNING");
  });

  test("what it releases is published, where that could not be done at once", async () => {
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

  test("all that are named at once are released, each once, and the saga closes", async () => {
    const { money, ids, handle } = await startAsleep(3);
    await Promise.all(ids.map((reservationId) => handle.signal(RELEASE_SIGNAL, { reservationId })));
    await handle.result();
    expect(ids.map((reservationId) => money.partsOf(reservationId).released)).toEqual(["10.00", "10.00", "10.00"]);
  });

  test("one that the saga does not watch is not touched, and the details say so", async () => {
    const { money, ids, handle } = await startAsleep(2);
    const stranger = crypto.randomUUID();
    await handle.signal(RELEASE_SIGNAL, { reservationId: stranger });
    await awaitDetails(handle, `Asked to release ${stranger}, which this saga does not watch.`);
    await awaitSleep(handle, 2);
    expect(ids.map((reservationId) => money.partsOf(reservationId).released)).toEqual(["0.00", "0.00"]);
  });

  test("one of another saga is not touched, and the details say so", async () => {
    const [one, other] = await Promise.all([startAsleep(1), startAsleep(1)]);
    await one.handle.signal(RELEASE_SIGNAL, { reservationId: other.ids[0]! });
    await awaitDetails(one.handle, `Asked to release ${other.ids[0]}, which this saga does not watch.`);
    expect(other.money.partsOf(other.ids[0]!).released).toBe("0.00");
  });

  test("one that is settled stays as it is, and the details say why", async () => {
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
    ["an id that cannot be written", [{ reservationId: { toString: 1 } }]],
  ])("with %s it releases nothing, shows that, and the saga goes on", async (_, args) => {
    const { money, ids, handle } = await startAsleep(1);
    await handle.signal(RELEASE_SIGNAL, ...(args as []));
    await awaitDetails(handle, "which this saga does not watch.");
    expect(money.partsOf(ids[0]!).released).toBe("0.00");
    money.settle(ids[0]!, "recognized");
    await handle.signal(CHANGED_SIGNAL, changed);
    await handle.result();
  });

  test("one that comes before the first step, without a worker, is done once the reservation is open", async () => {
    await using own = await createWorkbench();
    await own.stopWorkers();
    const money = createHeldMoney();
    const asked = reserveTen();
    const { handle } = await own.startSaga([asked], money.activities);
    await handle.signal(RELEASE_SIGNAL, { reservationId: asked.operationId });
    await own.startWorkers();
    await handle.result();
    expect(money.partsOf(asked.operationId).released).toBe("10.00");
  }, 40_000);

  test("one that comes during the post is done once the reservation is open", async () => {
    const money = createHeldMoney();
    const asked = reserveTen();
    const { handle } = await bench.startSaga([asked], {
      ...money.activities,
      async post(carrier, input) {
        const saga = bench.client.workflow.getHandle(carrier.workflowId);
        await saga.signal(RELEASE_SIGNAL, { reservationId: asked.operationId });
        return await money.activities.post(carrier, input);
      },
    });
    await handle.result();
    expect(money.partsOf(asked.operationId).released).toBe("10.00");
  });

  test("one that comes again while the first is under way finds it settled: it is released once", async () => {
    const money = createHeldMoney();
    const [asked, other] = [reserveTen(), reserveTen()];
    let releases = 0;
    const { handle } = await bench.startSaga([asked, other], {
      ...money.activities,
      async releaseByOperator(workflowId, reservationId) {
        releases += 1;
        if (releases === 1) {
          await bench.client.workflow.getHandle(workflowId).signal(RELEASE_SIGNAL, { reservationId });
        }
        return await money.activities.releaseByOperator(workflowId, reservationId);
      },
    });
    await awaitSleep(handle);
    await handle.signal(RELEASE_SIGNAL, { reservationId: asked.operationId });
    await eventually(async () => releases === 2);
    await awaitDetails(handle, "reservation_settled");
    expect(money.partsOf(asked.operationId).released).toBe("10.00");
    expect(money.partsOf(other.operationId).released).toBe("0.00");
  });
});
