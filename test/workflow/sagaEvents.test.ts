import { describe, expect, test } from "bun:test";
import type { WorkflowHandle } from "@temporalio/client";
import { RELEASE_SIGNAL } from "../../src/workflows/contract.ts";
import { awaitDetails, awaitSleep, readCurrentDetails } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { createHeldMoney, reserveTen } from "../support/workflows/heldMoney.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";

const bench = useWorkbench();

/** Starts a saga that sleeps while its events wait for Kafka. Kafka answers after `answer`. */
async function startWithoutKafka(count: number, ttlSeconds?: number) {
  const money = createHeldMoney();
  const list = Array.from({ length: count }, () => reserveTen(ttlSeconds));
  const kafka = Promise.withResolvers<void>();
  money.kafka.publication = "waiting";
  const { handle, calls } = await bench.startSaga(list, {
    ...money.activities,
    publishEvents: () => kafka.promise,
  });
  await awaitSleep(handle);
  const waits = () => calls.filter(({ name }) => name === "publishEvents").map(({ isLocal }) => ({ isLocal }));
  await eventually(async () => waits().length > 0);
  return { money, handle, ids: list.map(({ operationId }) => operationId), waits, answer: kafka.resolve };
}

const statusOf = async (handle: WorkflowHandle) => (await handle.describe()).status.name;

describe("while Kafka does not answer, a saga", () => {
  test.each([
    ["whose deadline passes expires its reservation", "expired", 2, async () => {}],
    ["that is cancelled releases its reservation", "released", 3_600, (handle: WorkflowHandle) => handle.cancel()],
    [
      "that gets the release signal releases its reservation",
      "released",
      3_600,
      (handle: WorkflowHandle, reservationId: string) => handle.signal(RELEASE_SIGNAL, { reservationId }),
    ],
  ] as const)("%s, and ends only once its events are published", async (_, part, ttlSeconds, act) => {
    const { money, handle, ids, waits, answer } = await startWithoutKafka(1, ttlSeconds);
    await act(handle, ids[0]!);
    await awaitDetails(handle, "Settled.");
    expect(money.partsOf(ids[0]!)).toMatchObject({ [part]: "10.00", remaining: "0.00" });
    expect(await statusOf(handle)).toBe("RUNNING");
    expect(waits()).toEqual([{ isLocal: false }]);

    answer();
    expect(await handle.result()).toMatchObject({ counts: [{ kind: "reservation", outcome: "completed", count: 1 }] });
    // Outbox rows written during the first publication are published by a second.
    expect(waits()).toHaveLength(2);
  });

  test("shows the number of its waiting events until they are published", async () => {
    const { money, handle, ids, answer } = await startWithoutKafka(1);
    money.kafka.eventsWaiting = 2;
    await handle.signal(RELEASE_SIGNAL, { reservationId: ids[0]! });
    const details = await awaitDetails(handle, "Settled.");
    expect(details).toStartWith("Committed; 2 events wait for Kafka: see the pending activity `publishEvents`");
    expect(details).toEndWith("\n\nReserved 10.00, released 10.00. Settled.");
    answer();
    await handle.result();
    expect(await readCurrentDetails(handle)).toBe("Reserved 10.00, released 10.00. Settled.");
  });

  test("has one publication waiting, and one more for all later outbox rows", async () => {
    const { money, handle, ids, waits, answer } = await startWithoutKafka(4);
    for (const [index, reservationId] of ids.entries()) {
      await handle.signal(RELEASE_SIGNAL, { reservationId });
      await eventually(async () => money.partsOf(reservationId).released === "10.00");
      if (index < ids.length - 1) await awaitSleep(handle, index + 2);
    }
    await awaitDetails(handle, "Settled.");
    expect(waits()).toHaveLength(1);
    answer();
    await handle.result();
    expect(waits()).toHaveLength(2);
  });
});
