import { describe, expect, test } from "bun:test";
import { historyToJSON } from "@temporalio/common/lib/proto-utils";
import type { Operation } from "../../src/ledger/operations.ts";
import { CARRIER_BYTES_MAX, CARRIER_OPERATIONS_MAX, TASK_QUEUE } from "../../src/workflows/contract.ts";
import { countsOf } from "../support/activities/carried.ts";
import { deposit, operation, transfer } from "../support/ledger/operations.ts";
import { release } from "../support/ledger/reservationOperations.ts";
import { readCurrentDetails } from "../support/temporal/workflowView.ts";
import { eventually } from "../support/waiting.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { postLeaving, storeError } from "../support/workflows/workbench.ts";

const bench = useWorkbench();

test("a carrier posts once in a local activity, returns the counts, and ends without follow-ups", async () => {
  const operations = [deposit("alice", "1.00"), transfer("alice", "bob", "1.00")];
  const { handle, calls } = await bench.startCarrier(operations);
  expect(await handle.result()).toEqual({ counts: countsOf(operations) });
  const { workflowId } = handle;
  expect(calls).toEqual([
    { name: "post", args: [{ workflowId, isSaga: false }, { operations }], taskQueue: TASK_QUEUE, isLocal: true },
  ]);
  expect(await readCurrentDetails(handle)).toBe("2 operations: 1 deposit completed, 1 transfer completed.");
});

test("an atomic batch is posted as one", async () => {
  const input = { operations: [deposit("alice", "1.00"), deposit("bob", "1.00")], isAtomic: true };
  const { handle, calls } = await bench.startCarrier(input);
  await handle.result();
  expect(calls.map(({ args }) => args[1])).toEqual([input]);
});

test("a decline completes the workflow, without follow-ups", async () => {
  const counts = countsOf([transfer("alice", "bob", "1.00")], "insufficient_funds");
  const { handle, calls } = await bench.startCarrier([transfer("alice", "bob", "1.00")], {
    post: postLeaving({ counts }),
  });
  expect(await handle.result()).toEqual({ counts });
  expect((await handle.describe()).status.name).toBe("COMPLETED");
  expect(calls.map(({ name }) => name)).toEqual(["post"]);
  expect(await readCurrentDetails(handle)).toBe("Transfer declined: insufficient_funds.");
});

test("pulled operations are in the result and the details of their carrier", async () => {
  const counts = [
    { kind: "deposit", outcome: "completed", count: 1 },
    { kind: "transfer", outcome: "completed", count: 40 },
    { kind: "transfer", outcome: "mismatched", count: 1 },
  ] as const;
  const { handle } = await bench.startCarrier([deposit("alice", "1.00")], {
    post: postLeaving({ counts: [...counts] }),
  });
  expect(await handle.result()).toEqual({ counts: [...counts] });
  expect(await readCurrentDetails(handle)).toBe(
    "42 operations: 1 deposit completed, 40 transfer completed, " +
      "1 transfer not recorded: its key belongs to another request.",
  );
});

describe("the search attributes of a carrier", () => {
  const found = {
    kinds: ["release" as const],
    userIds: [`user-${crypto.randomUUID()}`],
    orderIds: [`order-${crypto.randomUUID()}`],
    reservationIds: [crypto.randomUUID()],
  };

  test("come from its rows: a settlement by id has the user and order of its reservation", async () => {
    const operation = release({ reservationId: found.reservationIds[0]! });
    const { handle } = await bench.startCarrier([operation], { post: postLeaving({ found }) });
    await handle.result();
    for (const query of [
      `UserId = '${found.userIds[0]}'`,
      `OrderId = '${found.orderIds[0]}'`,
      `ReservationId = '${found.reservationIds[0]}'`,
    ]) {
      const { count } = await eventually(async () => {
        const counted = await bench.client.workflow.count(query);
        return counted.count > 0 ? counted : undefined;
      });
      expect([query, count]).toEqual([query, 1]);
    }
    const { searchAttributes } = await handle.describe();
    expect(searchAttributes.OperationKind).toEqual(["release"]);
  });

  test("need no step of their own where the start has set them all", async () => {
    const { handle } = await bench.startCarrier([transfer("alice", "bob", "1.00")]);
    await handle.result();
    const { events } = await handle.fetchHistory();
    expect(events?.filter((event) => event.upsertWorkflowSearchAttributesEventAttributes)).toEqual([]);
  });
});

test("request fields are in a history once, in its input: no result contains them", async () => {
  const { handle } = await bench.startCarrier([
    operation({ kind: "deposit", request: { userId: "alice", amount: "1.00", comment: "needle", source: "needle" } }),
  ]);
  await handle.result();
  const { events } = JSON.parse(historyToJSON(await handle.fetchHistory())) as { events: { eventType: string }[] };
  const holding = events.filter((event) => payloadsOf(event).includes("needle"));
  expect(holding.map(({ eventType }) => eventType)).toEqual(["EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"]);
});

test("1,000 operations of 1 MiB complete with their events, by local and by regular activities", async () => {
  const operations = largestBatch();
  expect(operations).toHaveLength(CARRIER_OPERATIONS_MAX);
  expect(CARRIER_BYTES_MAX - JSON.stringify(operations).length).toBeWithin(0, 2_000);
  const post = postLeaving({ events: "waiting" });
  let failures = 3;
  const runs = await Promise.all([
    bench.startCarrier(operations, { post }),
    bench.startCarrier(operations, {
      post: (...args) => (failures-- > 0 ? Promise.reject(storeError("PostgreSQL is away")) : post(...args)),
    }),
  ]);
  for (const { handle, calls } of runs) {
    expect(await handle.result()).toEqual({ counts: countsOf(operations) });
    expect(calls.map(({ name }) => name)).toContain("publishEvents");
  }
}, 60_000);

/** A full carrier of 1,000 operations. They have ids of 64 characters, long keys, and comments up to the byte limit. */
function largestBatch(): Operation[] {
  const [fromUserId, toUserId] = ["f".repeat(64), "t".repeat(64)];
  const one = (index: number, comment: string) =>
    operation(
      { kind: "transfer", request: { fromUserId, toUserId, amount: "9999999999999.99", comment } },
      `${index}`.padStart(255, "k"),
    );
  const bytesEach = Math.floor(CARRIER_BYTES_MAX / CARRIER_OPERATIONS_MAX);
  const comment = "x".repeat(bytesEach - JSON.stringify(one(0, "")).length - 1);
  return Array.from({ length: CARRIER_OPERATIONS_MAX }, (_, index) => one(index, comment));
}

/** All content of a history event, with decoded payloads. */
function payloadsOf(event: unknown): string {
  const text = JSON.stringify(event);
  const encoded = [...text.matchAll(/"data":"([^"]*)"/g)].map(([, data]) => Buffer.from(data!, "base64").toString());
  return [text, ...encoded].join("\n");
}
