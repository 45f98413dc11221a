import { afterAll, beforeAll, expect, test } from "bun:test";
import { historyToJSON } from "@temporalio/common/lib/proto-utils";
import type { Operation, Outcome } from "../../src/ledger/operations.ts";
import { CARRIER_BYTES_MAX, CARRIER_OPERATIONS_MAX, TASK_QUEUE } from "../../src/workflows/contract.ts";
import { carried } from "../support/carried.ts";
import { deposit, operation, transfer } from "../support/operations.ts";
import {
  createWorkbench,
  goodActivities,
  postLeaving,
  quietenTemporal,
  trouble,
  type Workbench,
} from "../support/workbench.ts";

let bench: Workbench;
beforeAll(async () => {
  quietenTemporal();
  bench = await createWorkbench();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose](), 30_000);

const declined = ({ operationId }: Operation): Outcome => ({
  operationId,
  status: "declined",
  code: "insufficient_funds",
});

test("a carrier posts, once and as a local activity, returns the outcomes, and ends there where nothing is left to do", async () => {
  const operations = [deposit("alice", "1.00"), transfer("alice", "bob", "1.00")];
  const { handle, calls } = await bench.startCarrier(operations);
  const result = await handle.result();
  const { outcomes } = await goodActivities().post(handle.workflowId, operations);
  expect(result).toEqual({ outcomes });
  expect(calls).toEqual([
    { name: "post", args: [handle.workflowId, operations], taskQueue: TASK_QUEUE, isLocal: true },
  ]);
});

test("a decline is a completed workflow, with nothing left to do for it", async () => {
  const operations = [transfer("alice", "bob", "1.00")];
  const { handle, calls } = await bench.startCarrier(operations, {
    post: async (_, asked) => carried(asked.map(declined)),
  });
  expect(await handle.result()).toEqual({ outcomes: operations.map(declined) });
  expect((await handle.describe()).status.name).toBe("COMPLETED");
  expect(calls.map(({ name }) => name)).toEqual(["post"]);
});

test("where some are declined or mismatched, outcomes keep the order of the operations", async () => {
  const operations = ["a", "b", "c", "d"].map((userId) => deposit(userId, "1.00"));
  const operationIds = operations.map(({ operationId }) => operationId);
  const { handle } = await bench.startCarrier(operations, {
    async post(workflowId, asked) {
      const { outcomes } = await goodActivities().post(workflowId, asked);
      outcomes[0] = declined(asked[0]!);
      outcomes[2] = { operationId: asked[2]!.operationId, status: "mismatched", differingFields: ["amount"] };
      return carried(outcomes);
    },
  });
  const { outcomes } = await handle.result();
  expect(outcomes.map(({ operationId }) => operationId)).toEqual(operationIds);
  expect(outcomes.map(({ status }) => status)).toEqual(["declined", "completed", "mismatched", "completed"]);
});

test("request fields stand in a history once, in its input: no result carries them", async () => {
  const { handle } = await bench.startCarrier([
    operation({ kind: "deposit", request: { userId: "alice", amount: "1.00", comment: "needle", source: "needle" } }),
  ]);
  await handle.result();
  const { events } = JSON.parse(historyToJSON(await handle.fetchHistory())) as { events: { eventType: string }[] };
  const holding = events.filter((event) => payloadsOf(event).includes("needle"));
  expect(holding.map(({ eventType }) => eventType)).toEqual(["EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"]);
});

test("a carrier of 1,000 operations with long fields, 1 MiB of input, works through to its events, at once and by the durable way", async () => {
  const operations = largestBatch();
  expect(operations).toHaveLength(CARRIER_OPERATIONS_MAX);
  expect(CARRIER_BYTES_MAX - JSON.stringify(operations).length).toBeWithin(0, 2_000);
  const post = postLeaving({ events: "waiting" });
  let failures = 3;
  const runs = await Promise.all([
    bench.startCarrier(operations, { post }),
    bench.startCarrier(operations, {
      post: (workflowId, asked) =>
        failures-- > 0 ? Promise.reject(trouble("PostgreSQL is away")) : post(workflowId, asked),
    }),
  ]);
  for (const { handle, calls } of runs) {
    const { outcomes } = await handle.result();
    expect(outcomes.map(({ operationId }) => operationId)).toEqual(operations.map(({ operationId }) => operationId));
    expect(calls.map(({ name }) => name)).toContain("publishEvents");
  }
}, 60_000);

/** As many operations as a carrier takes, with ids of 64 characters, long keys, and comments that fill it to its last bytes. */
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

/** Everything that an event holds, its payloads decoded. */
function payloadsOf(event: unknown): string {
  const text = JSON.stringify(event);
  const encoded = [...text.matchAll(/"data":"([^"]*)"/g)].map(([, data]) => Buffer.from(data!, "base64").toString());
  return [text, ...encoded].join("\n");
}
