import { expect, test } from "bun:test";
import { CHANGED_SIGNAL, TASK_QUEUE } from "../../src/workflows/contract.ts";
import { countsOf } from "../support/activities/carried.ts";
import { deposit } from "../support/ledger/operations.ts";
import { awaitDetails, awaitSleep, readCurrentDetails, readTimers } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { createHeldMoney, reserveTen } from "../support/workflows/heldMoney.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { createWorkbench, postLeaving } from "../support/workflows/workbench.ts";

const bench = useWorkbench();

const namesOf = (calls: { name: string }[]) => calls.map(({ name }) => name);

test("a saga posts, sleeps until its deadline, expires, and returns its counts: two activities", async () => {
  const money = createHeldMoney();
  const operation = reserveTen(2);
  const { handle, calls } = await bench.startSaga([operation], money.activities);
  expect(await handle.result()).toMatchObject({ counts: countsOf([operation]) });
  expect(money.partsOf(operation.operationId)).toMatchObject({ expired: "10.00", remaining: "0.00" });

  const { workflowId } = handle;
  const common = { taskQueue: TASK_QUEUE, isLocal: true };
  expect(calls).toEqual([
    { name: "post", args: [{ workflowId, isSaga: true }, { operations: [operation] }], ...common },
    { name: "expire", args: [workflowId], ...common },
  ]);
  const { setMs } = await readTimers(handle);
  expect(setMs).toHaveLength(1);
  expect(setMs[0]).toBeWithin(1_000, 2_001);
  expect(await readCurrentDetails(handle)).toBe("Reserved 10.00, expired 10.00. Settled.");
}, 20_000);

test("a saga's details and result have the last settlements, with amount, origin and reason", async () => {
  const money = createHeldMoney();
  const operation = reserveTen();
  const settlements = [
    { kind: "release", amount: "6.00", by: "olga", reason: "The order was given up", at: "2026-11-23T14:05:59.000Z" },
    { kind: "recognition", amount: "4.00", by: "orders", at: "2026-11-23T12:00:00.000Z" },
  ] as const;
  const { handle } = await bench.startSaga([operation], {
    ...money.activities,
    async expire(workflowId) {
      const { saga, ...rest } = await money.activities.expire(workflowId);
      return { ...rest, saga: { ...saga!, settlements: [...settlements] } };
    },
  });
  await awaitSleep(handle);
  money.settle(operation.operationId, "recognized", "4.00");
  money.settle(operation.operationId, "released");
  await handle.signal(CHANGED_SIGNAL, { byWorkflowId: "another" });
  expect(await handle.result()).toEqual({
    counts: countsOf([operation]),
    saga: { reserved: "10.00", recognized: "4.00", released: "6.00", expired: "0.00", settlements: [...settlements] },
  });
  expect(await readCurrentDetails(handle)).toBe(
    [
      "Reserved 10.00, recognized 4.00, released 6.00. Settled.",
      "Released 6.00 by olga at 2026-11-23 14:05 UTC: The order was given up",
      "Recognized 4.00 by orders at 2026-11-23 12:00 UTC.",
    ].join("\n\n"),
  );
});

test("a saga whose list opened no reservation ends with its post", async () => {
  const declined = reserveTen();
  const counts = countsOf([declined], "insufficient_funds");
  const { handle, calls } = await bench.startSaga([declined], { post: postLeaving({ counts }) });
  expect(await handle.result()).toMatchObject({ counts });
  expect(namesOf(calls)).toEqual(["post"]);
  expect((await readTimers(handle)).setMs).toEqual([]);
});

test("a saga whose reservations were settled by the end of its post ends at once", async () => {
  const money = createHeldMoney();
  const operation = reserveTen();
  const { handle, calls } = await bench.startSaga([operation], {
    ...money.activities,
    async post(...given) {
      await money.activities.post(...given);
      money.settle(operation.operationId, "recognized");
      return await money.activities.post(...given);
    },
  });
  await handle.result();
  expect(namesOf(calls)).toEqual(["post"]);
  expect((await readTimers(handle)).setMs).toEqual([]);
  expect(await readCurrentDetails(handle)).toBe("Reserved 10.00, recognized 10.00. Settled.");
});

test("a saga expires the reservations that it pulled, which are not in its input", async () => {
  const money = createHeldMoney();
  const [operation, pulled] = [reserveTen(1), reserveTen(2)];
  const { handle } = await bench.startSaga([operation], {
    ...money.activities,
    async post(carrier, { operations }) {
      return await money.activities.post(carrier, { operations: [...operations, pulled] });
    },
  });
  expect(await handle.result()).toMatchObject({ counts: countsOf([operation, pulled]) });
  expect(money.expiredIds).toEqual([operation.operationId, pulled.operationId]);
}, 20_000);

test("several reservations expire once each at their own deadlines, the earliest first", async () => {
  const money = createHeldMoney();
  const list = [reserveTen(3), reserveTen(1), reserveTen(2)];
  const { handle } = await bench.startSaga(list, money.activities);
  await handle.result();
  expect(money.expiredIds).toEqual([list[1]!, list[2]!, list[0]!].map(({ operationId }) => operationId));
  expect(await readCurrentDetails(handle)).toBe("Reserved 30.00, expired 30.00. Settled.");
}, 20_000);

test("a saga carries other kinds as well, and expires only its reservations", async () => {
  const money = createHeldMoney();
  const operations = [deposit("alice", "1.00"), reserveTen(1), deposit("bob", "1.00")];
  const { handle } = await bench.startSaga(operations, money.activities);
  expect(await handle.result()).toMatchObject({ counts: countsOf(operations) });
  expect(money.expiredIds).toEqual([operations[1]!.operationId]);
}, 20_000);

test("a waiting saga's details show its sum, its deadline, and the number of open reservations", async () => {
  const money = createHeldMoney();
  const [one, other] = [reserveTen(), reserveTen(7_200)];
  const lone = await bench.startSaga([one], money.activities);
  const many = await bench.startSaga([reserveTen(), other], money.activities);
  const until = (id: string) => new Date(money.dueMs(id)).toISOString().replace("T", " ").slice(0, 16);
  expect(await awaitDetails(lone.handle, "Reserved")).toBe(
    `Reserved 10.00, 10.00 until ${until(one.operationId)} UTC.`,
  );
  expect(await awaitDetails(many.handle, "Reserved")).toEndWith(
    "Open reservations: 2; the earliest deadline is shown.",
  );
});

test("an extended saga wakes at the old deadline, finds nothing due, and sleeps until the new one", async () => {
  const money = createHeldMoney();
  const operation = reserveTen(2);
  const { handle } = await bench.startSaga([operation], money.activities);
  await awaitSleep(handle);
  money.extend(operation.operationId, 2_000);
  await handle.result();
  const { setMs } = await readTimers(handle);
  expect(setMs).toHaveLength(2);
  expect(setMs[1]).toBeWithin(1_000, 2_001);
  expect(Date.now()).toBeGreaterThanOrEqual(money.dueMs(operation.operationId));
}, 20_000);

test("a saga whose clock is ahead of the ledger's expires nothing early, and sleeps at least a second", async () => {
  const money = createHeldMoney();
  money.clock.stoppedAtMs = Date.now();
  const operation = reserveTen(1);
  const { handle, calls } = await bench.startSaga([operation], money.activities);
  await awaitSleep(handle);
  // The ledger's clock is stopped just before the deadline.
  money.clock.stoppedAtMs = money.dueMs(operation.operationId) - 1;
  await awaitSleep(handle, 3);
  expect(money.partsOf(operation.operationId).expired).toBe("0.00");

  money.clock.stoppedAtMs = money.dueMs(operation.operationId);
  await handle.result();
  expect(money.partsOf(operation.operationId).expired).toBe("10.00");
  const { setMs } = await readTimers(handle);
  expect(setMs).toEqual(setMs.map(() => 1_000));
  expect(calls.filter(({ name }) => name === "expire")).toHaveLength(setMs.length);
}, 20_000);

test("a saga whose clock is behind the ledger's expires reservations that are due by the ledger's", async () => {
  const money = createHeldMoney();
  const operation = reserveTen(3_600);
  const { handle } = await bench.startSaga([operation], money.activities);
  await awaitSleep(handle);
  money.clock.aheadMs = 3_600_000;
  await handle.signal("changed", { byWorkflowId: "another" });
  await handle.result();
  expect(money.partsOf(operation.operationId).expired).toBe("10.00");
});

test("a deadline that passes without a worker is met as soon as a worker runs", async () => {
  await using own = await createWorkbench();
  const money = createHeldMoney();
  const operation = reserveTen(2);
  const { handle } = await own.startSaga([operation], money.activities);
  await awaitSleep(handle);
  await own.stopWorkers();
  await eventually(async () => Date.now() > money.dueMs(operation.operationId));
  const { events } = await handle.fetchHistory();
  expect(events?.some((event) => event.workflowExecutionCompletedEventAttributes)).toBe(false);
  expect(money.partsOf(operation.operationId).expired).toBe("0.00");

  await own.startWorkers();
  await handle.result();
  expect(money.partsOf(operation.operationId).expired).toBe("10.00");
}, 40_000);
