import { expect, test } from "bun:test";
import { defaultPayloadConverter } from "@temporalio/common";
import { CHANGED_SIGNAL } from "../../src/workflows/contract.ts";
import { awaitDetails, awaitPending, awaitSleep, readCurrentDetails } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { createHeldMoney, reserveTen } from "../support/workflows/heldMoney.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { storeError } from "../support/workflows/workbench.ts";

const bench = useWorkbench();

test.each(["post", "expire"] as const)(
  "a saga whose %s is stuck has a pending activity with its last error, and continues afterwards",
  async (step) => {
    const money = createHeldMoney();
    const operation = reserveTen(2);
    const ledger: { isBack: boolean } = { isBack: false };
    const { handle, calls } = await bench.startSaga([operation], {
      ...money.activities,
      async [step](...given: [never, never]) {
        if (!ledger.isBack) throw storeError("PostgreSQL is away");
        return (await money.activities[step](...given)) as never;
      },
    });
    expect(await awaitPending(handle)).toEqual([step, "PostgreSQL is away"]);
    expect(await readCurrentDetails(handle)).toContain(`Waiting for the ledger: see the pending activity \`${step}\``);

    ledger.isBack = true;
    await handle.result();
    expect(money.partsOf(operation.operationId).expired).toBe("10.00");
    const steps = calls.filter(({ name }) => name === step);
    expect(steps.slice(0, 4).map(({ isLocal }) => isLocal)).toEqual([true, true, true, false]);
    expect(await readCurrentDetails(handle)).toBe("Reserved 10.00, expired 10.00. Settled.");
  },
  30_000,
);

test("a saga closes only when Kafka has the events of its expiry", async () => {
  const money = createHeldMoney();
  const operation = reserveTen(2);
  const kafka: { isBack: boolean } = { isBack: false };
  const { handle, calls } = await bench.startSaga([operation], {
    ...money.activities,
    async publishEvents() {
      if (!kafka.isBack) throw storeError("Kafka is away");
    },
  });
  await awaitSleep(handle);
  money.kafka.publication = "waiting";
  expect(await awaitPending(handle)).toEqual(["publishEvents", "Kafka is away"]);
  expect(money.partsOf(operation.operationId).expired).toBe("10.00");
  kafka.isBack = true;
  await handle.result();
  expect(calls.at(-1)?.name).toBe("publishEvents");
}, 30_000);

test("a saga that continues as a new run posts nothing, and waits, expires and closes as before", async () => {
  const money = createHeldMoney();
  const [operation, closed] = [reserveTen(2), reserveTen()];
  const workflowId = `saga-${crypto.randomUUID()}`;
  await money.activities.post({ workflowId, isSaga: true }, { operations: [operation, closed] });
  money.settle(closed.operationId, "recognized");
  const { handle, calls } = await bench.startSaga({ operations: [], isPosted: true }, money.activities, workflowId);
  await awaitDetails(handle, "Reserved 20.00, recognized 10.00, 10.00 until");
  await handle.result();
  expect(money.expiredIds).toEqual([operation.operationId]);
  expect(calls.map(({ name }) => name)).toEqual(["expire", "expire"]);
}, 20_000);

test("a saga with a long history continues as a new run, with neither operations nor ids in its input", async () => {
  const money = createHeldMoney();
  const list = [reserveTen(), reserveTen()];
  const { handle, calls } = await bench.startSaga(list, money.activities);
  await awaitSleep(handle);
  money.settle(list[0]!.operationId, "recognized");
  await lengthen(handle.workflowId);
  const latest = bench.client.workflow.getHandle(handle.workflowId);
  const started = (await latest.fetchHistory()).events?.[0]?.workflowExecutionStartedEventAttributes;
  expect(started?.continuedExecutionRunId).toBe(handle.firstExecutionRunId);
  const inputs = (started?.input?.payloads ?? []).map((payload) =>
    defaultPayloadConverter.fromPayload<unknown>(payload),
  );
  expect(inputs).toEqual([{ operations: [], isPosted: true }]);
  expect(await awaitDetails(latest, "until")).toStartWith("Reserved 20.00, recognized 10.00, 10.00 until");

  money.settle(list[1]!.operationId, "recognized");
  await latest.signal(CHANGED_SIGNAL, { byWorkflowId: "another" });
  await latest.result();
  expect(calls.filter(({ name }) => name === "post")).toHaveLength(1);
}, 120_000);

/** Signals the saga until the server suggests a new run and the saga follows. */
async function lengthen(workflowId: string): Promise<void> {
  const { runId } = await bench.client.workflow.getHandle(workflowId).describe();
  await eventually(async () => {
    const handle = bench.client.workflow.getHandle(workflowId);
    await Promise.all(Array.from({ length: 50 }, () => handle.signal(CHANGED_SIGNAL, { byWorkflowId: "another" })));
    return (await handle.describe()).runId !== runId;
  }, 110_000);
}
