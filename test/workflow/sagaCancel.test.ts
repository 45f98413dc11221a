import { expect, test } from "bun:test";
import type { WorkflowHandle } from "@temporalio/client";
import { CHANGED_SIGNAL, RELEASE_SIGNAL } from "../../src/workflows/contract.ts";
import { countsOf } from "../support/activities/carried.ts";
import { awaitDetails, awaitPending, awaitSleep, readTimers } from "../support/temporal/workflowView.ts";
import { createHeldMoney, reserveTen } from "../support/workflows/heldMoney.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { createWorkbench, storeError } from "../support/workflows/workbench.ts";

const bench = useWorkbench();

const id = ({ operationId }: { operationId: string }) => operationId;
const statusOf = async (handle: WorkflowHandle) => (await handle.describe()).status.name;

/** Starts a saga with this many reservations of an hour, and waits until it sleeps. */
async function startAsleep(count: number) {
  const money = createHeldMoney();
  const list = Array.from({ length: count }, () => reserveTen());
  const { handle, calls } = await bench.startSaga(list, money.activities);
  await awaitSleep(handle);
  return { money, ids: list.map(id), handle, calls };
}

test("cancelling a saga that waits with one reservation open releases it, once, and completes", async () => {
  const { money, ids, handle, calls } = await startAsleep(1);
  const before = calls.length;
  await handle.cancel();
  await handle.result();
  expect(await statusOf(handle)).toBe("COMPLETED");
  expect(money.partsOf(ids[0]!).released).toBe("10.00");
  const names = calls.slice(before).map(({ name }) => name);
  expect(names.filter((name) => name === "releaseByOperator")).toHaveLength(1);
  expect(await awaitDetails(handle, "Settled.")).toBe("Reserved 10.00, released 10.00. Settled.");
});

test("cancelling releases the last open reservation of several", async () => {
  const { money, ids, handle } = await startAsleep(2);
  money.settle(ids[0]!, "recognized");
  await handle.cancel();
  await handle.result();
  expect(ids.map((reservationId) => money.partsOf(reservationId).released)).toEqual(["0.00", "10.00"]);
});

test("cancelling a saga with several open releases nothing, and points to the release signal", async () => {
  const { money, ids, handle, calls } = await startAsleep(2);
  await handle.cancel();
  await awaitDetails(
    handle,
    "Cancelling releases nothing here: 2 reservations are open. Send the signal release for one.",
  );
  await awaitSleep(handle, 2);
  expect(await statusOf(handle)).toBe("RUNNING");
  expect(calls.map(({ name }) => name)).not.toContain("releaseByOperator");

  await handle.signal(RELEASE_SIGNAL, { reservationId: ids[0]! });
  await awaitDetails(handle, "released 10.00");
  // The cancellation was handled when two were open. It does not release the last one.
  await awaitSleep(handle, 3);
  expect(money.partsOf(ids[1]!).released).toBe("0.00");
  await handle.signal(RELEASE_SIGNAL, { reservationId: ids[1]! });
  await handle.result();
  expect(await statusOf(handle)).toBe("COMPLETED");
});

test("a saga that continued after its cancellation still expires due reservations", async () => {
  const money = createHeldMoney();
  const list = [reserveTen(2), reserveTen(2)];
  const { handle } = await bench.startSaga(list, money.activities);
  await awaitSleep(handle);
  await handle.cancel();
  await handle.result();
  expect(list.map((one) => money.partsOf(one.operationId).expired)).toEqual(["10.00", "10.00"]);
  expect(await statusOf(handle)).toBe("COMPLETED");
}, 20_000);

test("cancelling before the first step releases the reservation that is then opened", async () => {
  await using own = await createWorkbench();
  await own.stopWorkers();
  const money = createHeldMoney();
  const operation = reserveTen();
  const { handle } = await own.startSaga([operation], money.activities);
  await handle.cancel();
  await own.startWorkers();
  expect(await handle.result()).toMatchObject({ counts: countsOf([operation]) });
  expect(await statusOf(handle)).toBe("COMPLETED");
  expect(money.partsOf(operation.operationId).released).toBe("10.00");
}, 40_000);

test("cancelling during the post does not stop it; the opened reservation is then released", async () => {
  const money = createHeldMoney();
  const operation = reserveTen();
  const { handle, calls } = await bench.startSaga([operation], {
    ...money.activities,
    async post(carrier, input) {
      await bench.client.workflow.getHandle(carrier.workflowId).cancel();
      return await money.activities.post(carrier, input);
    },
  });
  await handle.result();
  expect(await statusOf(handle)).toBe("COMPLETED");
  expect(money.partsOf(operation.operationId).released).toBe("10.00");
  expect(calls.filter(({ name }) => name === "post")).toHaveLength(1);
});

test.each(["post", "expire", "releaseByOperator"] as const)(
  "cancelling while %s is stuck stops nothing: once the ledger is back, one release follows",
  async (step) => {
    const money = createHeldMoney();
    const operation = reserveTen();
    const ledger: { isBack: boolean } = { isBack: false };
    const { handle, calls } = await bench.startSaga([operation], {
      ...money.activities,
      async [step](...given: [never, never]) {
        if (!ledger.isBack) throw storeError("PostgreSQL is away");
        return (await money.activities[step](...given)) as never;
      },
    });
    if (step === "post") await awaitPending(handle);
    else await awaitSleep(handle);
    await handle.cancel();
    expect(await awaitPending(handle)).toEqual([step, "PostgreSQL is away"]);
    expect(await statusOf(handle)).toBe("RUNNING");

    ledger.isBack = true;
    await handle.result();
    expect(await statusOf(handle)).toBe("COMPLETED");
    expect(money.partsOf(operation.operationId)).toMatchObject({ released: "10.00", remaining: "0.00" });
    const steps = calls.filter(({ name }) => name === step);
    expect(steps.slice(0, 4).map(({ isLocal }) => isLocal)).toEqual([true, true, true, false]);
  },
  30_000,
);

test("a cancellation concurrent with the last settlement releases nothing, and the saga ends", async () => {
  const { money, ids, handle, calls } = await startAsleep(1);
  money.settle(ids[0]!, "recognized");
  await Promise.all([handle.cancel(), handle.signal(CHANGED_SIGNAL, { byWorkflowId: "another" })]);
  await handle.result();
  expect(await statusOf(handle)).toBe("COMPLETED");
  expect(calls.map(({ name }) => name)).not.toContain("releaseByOperator");
  expect(await awaitDetails(handle, "Settled.")).toBe("Reserved 10.00, recognized 10.00. Settled.");
});

test("a release on cancelling of a reservation settled meanwhile is a decline, not a failure", async () => {
  const money = createHeldMoney();
  const operation = reserveTen();
  const { handle } = await bench.startSaga([operation], {
    ...money.activities,
    async releaseByOperator(workflowId, release) {
      money.settle(release.reservationId, "recognized");
      return await money.activities.releaseByOperator(workflowId, release);
    },
  });
  await awaitSleep(handle);
  await handle.cancel();
  await handle.result();
  expect(await statusOf(handle)).toBe("COMPLETED");
  expect(money.partsOf(operation.operationId)).toMatchObject({ recognized: "10.00", released: "0.00" });
  expect((await readTimers(handle)).setMs).toHaveLength(1);
});
