import { afterAll, beforeAll, expect, test } from "bun:test";
import { TASK_QUEUE } from "../../src/workflows/contract.ts";
import { carried } from "../support/carried.ts";
import { eventually } from "../support/eventually.ts";
import { createHeldMoney, expiryId, reserveTen } from "../support/heldMoney.ts";
import { deposit } from "../support/operations.ts";
import { awaitDetails, awaitSleep, readCurrentDetails, readTimers } from "../support/operatorsView.ts";
import { createWorkbench, quietenTemporal, type Workbench } from "../support/workbench.ts";

let bench: Workbench;
beforeAll(async () => {
  quietenTemporal();
  bench = await createWorkbench();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose](), 30_000);

const namesOf = (calls: { name: string }[]) => calls.map(({ name }) => name);

test("a saga posts, asks once what is due, sleeps until exactly the deadline, expires, and returns the outcomes of its list", async () => {
  const money = createHeldMoney();
  const asked = reserveTen(2);
  const { handle, calls } = await bench.startSaga([asked], money.activities);
  const { outcomes } = await handle.result();
  expect(outcomes).toMatchObject([{ operationId: asked.operationId, status: "completed" }]);
  expect(money.partsOf(asked.operationId)).toMatchObject({ expired: "10.00", remaining: "0.00" });

  expect(namesOf(calls)).toEqual(["post", "expire", "expire"]);
  for (const call of calls.filter(({ name }) => name === "expire")) {
    expect(call).toMatchObject({
      args: [handle.workflowId, [asked.operationId], []],
      taskQueue: TASK_QUEUE,
      isLocal: true,
    });
  }
  const { setMs } = await readTimers(handle);
  expect(setMs).toHaveLength(1);
  expect(setMs[0]).toBeWithin(1_000, 2_001);
  expect(await readCurrentDetails(handle)).toBe("Reserved 10.00, expired 10.00. Settled.");
}, 20_000);

test("a saga whose list opened nothing ends with its post, and asks for nothing", async () => {
  const declined = reserveTen();
  const { handle, calls } = await bench.startSaga([declined], {
    post: async () => carried([{ operationId: declined.operationId, status: "declined", code: "insufficient_funds" }]),
  });
  expect((await handle.result()).outcomes).toMatchObject([{ status: "declined" }]);
  expect(namesOf(calls)).toEqual(["post"]);
  expect((await readTimers(handle)).setMs).toEqual([]);
  expect(await readCurrentDetails(handle)).toBe("Declined: insufficient_funds");
});

test("what was settled before it is asked for ends a saga at once", async () => {
  const money = createHeldMoney();
  const asked = reserveTen();
  const { handle } = await bench.startSaga([asked], {
    ...money.activities,
    async post(workflowId, operations) {
      const posted = await money.activities.post(workflowId, operations);
      money.settle(asked.operationId, "recognized");
      return posted;
    },
  });
  await handle.result();
  expect((await readTimers(handle)).setMs).toEqual([]);
  expect(await readCurrentDetails(handle)).toBe("Reserved 10.00, recognized 10.00. Settled.");
});

test("a saga watches what its list opened: not what was declined, and nothing of another kind", async () => {
  const money = createHeldMoney();
  const [opened, declined, other] = [reserveTen(1), reserveTen(1), deposit("alice", "1.00")];
  const { handle, calls } = await bench.startSaga([declined, other, opened], {
    ...money.activities,
    async post(workflowId, operations) {
      const [, ...outcomes] = (await money.activities.post(workflowId, operations)).outcomes;
      return carried([
        { operationId: declined.operationId, status: "declined", code: "insufficient_funds" },
        ...outcomes,
      ]);
    },
  });
  expect((await handle.result()).outcomes.map(({ status }) => status)).toEqual(["declined", "completed", "completed"]);
  const expirations = calls.filter(({ name }) => name === "expire");
  expect(new Set(expirations.map(({ args }) => JSON.stringify(args[1])))).toEqual(
    new Set([JSON.stringify([opened.operationId])]),
  );
}, 20_000);

test("what has expired is not asked for, or published again, when another of its saga wakes it", async () => {
  const money = createHeldMoney();
  const [first, second] = [reserveTen(1), reserveTen(3)];
  const expired: string[] = [];
  const { handle, calls } = await bench.startSaga([first, second], {
    ...money.activities,
    async expire(...asked) {
      const answer = await money.activities.expire(...asked);
      expired.push(...answer.outcomes.map(({ operationId }) => operationId));
      return answer;
    },
  });
  await handle.result();
  const last = calls.filter(({ name }) => name === "expire").at(-1);
  expect(last?.args.slice(1)).toEqual([[second.operationId], [first.operationId]]);
  // What answers is published.
  expect(expired).toEqual([first, second].map(({ operationId }) => expiryId(operationId)));
  expect(await readCurrentDetails(handle)).toBe("Reserved 20.00, expired 20.00. Settled.");
}, 20_000);

test("of several, each expires at its own deadline, the earliest first", async () => {
  const money = createHeldMoney();
  const list = [reserveTen(3), reserveTen(1), reserveTen(2)];
  const order: string[] = [];
  const { handle } = await bench.startSaga(list, {
    ...money.activities,
    async expire(...asked) {
      const answer = await money.activities.expire(...asked);
      order.push(...answer.outcomes.map(({ operationId }) => operationId));
      return answer;
    },
  });
  await handle.result();
  expect(order).toEqual([list[1]!, list[2]!, list[0]!].map(({ operationId }) => expiryId(operationId)));
  expect(await readCurrentDetails(handle)).toBe("Reserved 30.00, expired 30.00. Settled.");
}, 20_000);

test("while it waits, it says how much is held until when, and of several how many are open", async () => {
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

test("an extension moves the deadline: the saga wakes at the old one, finds nothing due, and sleeps until the new one", async () => {
  const money = createHeldMoney();
  const asked = reserveTen(2);
  const { handle } = await bench.startSaga([asked], money.activities);
  await awaitSleep(handle);
  money.extend(asked.operationId, 2_000);
  await handle.result();
  const { setMs } = await readTimers(handle);
  expect(setMs).toHaveLength(2);
  expect(setMs[1]).toBeWithin(1_000, 2_001);
  expect(Date.now()).toBeGreaterThanOrEqual(money.dueMs(asked.operationId));
}, 20_000);

test("a saga whose clock is ahead of the ledger's expires nothing early, and sleeps a second at least each time it is told so", async () => {
  const money = createHeldMoney();
  money.clock.stoppedAtMs = Date.now();
  const asked = reserveTen(1);
  const { handle, calls } = await bench.startSaga([asked], money.activities);
  await awaitSleep(handle);
  // The ledger's clock now stands just before the deadline, however often it is asked.
  money.clock.stoppedAtMs = money.dueMs(asked.operationId) - 1;
  await awaitSleep(handle, 3);
  expect(money.partsOf(asked.operationId).expired).toBe("0.00");

  money.clock.stoppedAtMs = money.dueMs(asked.operationId);
  await handle.result();
  expect(money.partsOf(asked.operationId).expired).toBe("10.00");
  const { setMs } = await readTimers(handle);
  expect(setMs).toEqual(setMs.map(() => 1_000));
  expect(calls.filter(({ name }) => name === "expire")).toHaveLength(setMs.length + 1);
}, 20_000);

test("a saga whose clock is behind the ledger's expires what is due by the ledger's, whenever it asks", async () => {
  const money = createHeldMoney();
  const asked = reserveTen(3_600);
  const { handle } = await bench.startSaga([asked], money.activities);
  await awaitSleep(handle);
  money.clock.aheadMs = 3_600_000;
  await handle.signal("changed", { byWorkflowId: "another", operationIds: [] });
  await handle.result();
  expect(money.partsOf(asked.operationId).expired).toBe("10.00");
});

test("a deadline that passes while no worker runs is kept as soon as one does", async () => {
  await using own = await createWorkbench();
  const money = createHeldMoney();
  const asked = reserveTen(2);
  const { handle } = await own.startSaga([asked], money.activities);
  await awaitSleep(handle);
  await own.stopWorkers();
  await eventually(async () => Date.now() > money.dueMs(asked.operationId));
  const { events } = await handle.fetchHistory();
  expect(events?.some((event) => event.workflowExecutionCompletedEventAttributes)).toBe(false);
  expect(money.partsOf(asked.operationId).expired).toBe("0.00");

  await own.startWorkers();
  await handle.result();
  expect(money.partsOf(asked.operationId).expired).toBe("10.00");
}, 40_000);
