import { afterAll, beforeAll, expect, test } from "bun:test";
import type { CarrierResult } from "../../src/workflows/contract.ts";
import { CHANGED_SIGNAL } from "../../src/workflows/contract.ts";
import { eventually } from "../support/eventually.ts";
import { createHeldMoney, reserveTen } from "../support/heldMoney.ts";
import { awaitDetails, awaitPending, awaitSleep, readCurrentDetails } from "../support/operatorsView.ts";
import { createWorkbench, quietenTemporal, trouble, type Workbench } from "../support/workbench.ts";

let bench: Workbench;
beforeAll(async () => {
  quietenTemporal();
  bench = await createWorkbench();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose](), 30_000);

test.each(["post", "expire"] as const)(
  "a saga whose %s is stuck shows it as a pending activity with its last error, and goes on when the ledger is back",
  async (step) => {
    const money = createHeldMoney();
    const asked = reserveTen(2);
    const ledger: { isBack: boolean } = { isBack: false };
    const { handle, calls } = await bench.startSaga([asked], {
      ...money.activities,
      async [step](...asked: [string, never, never]) {
        if (!ledger.isBack) throw trouble("PostgreSQL is away");
        return (await money.activities[step](...asked)) as never;
      },
    });
    expect(await awaitPending(handle)).toEqual([step, "PostgreSQL is away"]);
    expect(await readCurrentDetails(handle)).toContain(`Waiting for the ledger: see the pending activity \`${step}\``);

    ledger.isBack = true;
    await handle.result();
    expect(money.partsOf(asked.operationId).expired).toBe("10.00");
    const steps = calls.filter(({ name }) => name === step);
    expect(steps.slice(0, 4).map(({ isLocal }) => isLocal)).toEqual([true, true, true, false]);
    expect(await readCurrentDetails(handle)).toBe("Reserved 10.00, expired 10.00. Settled.");
  },
  30_000,
);

test("events of an expiry that wait for Kafka are waited for: the saga closes when they are out", async () => {
  const money = createHeldMoney();
  const asked = reserveTen(2);
  const kafka: { isBack: boolean } = { isBack: false };
  const { handle, calls } = await bench.startSaga([asked], {
    ...money.activities,
    async publishEvents() {
      if (!kafka.isBack) throw trouble("Kafka is away");
    },
  });
  await awaitSleep(handle);
  money.kafka.publication = "waiting";
  expect(await awaitPending(handle)).toEqual(["publishEvents", "Kafka is away"]);
  expect(money.partsOf(asked.operationId).expired).toBe("10.00");
  kafka.isBack = true;
  await handle.result();
  expect(calls.at(-1)?.name).toBe("publishEvents");
}, 30_000);

test("a saga that goes on with what it watches posts nothing, and waits, expires and closes as before", async () => {
  const money = createHeldMoney();
  const [asked, closed] = [reserveTen(2), reserveTen()];
  const { outcomes } = await money.activities.post("earlier", [asked, closed]);
  const { handle, calls } = await bench.startSaga(
    { operations: [], watched: { outcomes, reservationIds: [asked.operationId] } },
    money.activities,
  );
  await awaitDetails(handle, "Reserved 10.00, 10.00 until");
  expect((await handle.result()).outcomes).toEqual(outcomes);
  expect(money.partsOf(asked.operationId).expired).toBe("10.00");
  const names = calls.map(({ name }) => name);
  expect(names).not.toContain("post");
  expect(names.filter((name) => name === "expire")).toHaveLength(2);
}, 20_000);

test("a saga whose history has grown long goes on as a new run, with the outcomes of its list and what is open still", async () => {
  const money = createHeldMoney();
  const list = [reserveTen(), reserveTen()];
  const { handle } = await bench.startSaga(list, money.activities);
  await awaitSleep(handle);
  money.settle(list[0]!.operationId, "recognized");
  await lengthen(handle.workflowId);
  const latest = bench.client.workflow.getHandle(handle.workflowId);
  const { events } = await latest.fetchHistory();
  expect(events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId).toBe(
    handle.firstExecutionRunId,
  );
  expect(await awaitDetails(latest, "until")).toStartWith("Reserved 10.00, 10.00 until");

  money.settle(list[1]!.operationId, "recognized");
  await latest.signal(CHANGED_SIGNAL, { byWorkflowId: "another", operationIds: [] });
  const { outcomes } = (await latest.result()) as CarrierResult;
  expect(outcomes.map(({ operationId }) => operationId)).toEqual(list.map(({ operationId }) => operationId));
}, 120_000);

/** Wakes the saga with one signal after the other until the server suggests a new run and it follows. */
async function lengthen(workflowId: string): Promise<void> {
  const { runId } = await bench.client.workflow.getHandle(workflowId).describe();
  await eventually(async () => {
    const handle = bench.client.workflow.getHandle(workflowId);
    await Promise.all(
      Array.from({ length: 50 }, () => handle.signal(CHANGED_SIGNAL, { byWorkflowId: "another", operationIds: [] })),
    );
    return (await handle.describe()).runId !== runId;
  }, 110_000);
}
