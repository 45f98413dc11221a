import { expect, test } from "bun:test";
import { EVENTS_TASK_QUEUE } from "../../src/workflows/contract.ts";
import { deposit } from "../support/ledger/operations.ts";
import { awaitDetails, readCurrentDetails } from "../support/temporal/workflowView.ts";
import { useWorkbench } from "../support/workflows/useWorkbench.ts";
import { type Call, postLeaving, storeError } from "../support/workflows/workbench.ts";

const bench = useWorkbench();

/** Fails on the first call. */
function failingOnce<Result>(result: Result): () => Promise<Result> {
  let attempts = 0;
  return async () => {
    attempts += 1;
    if (attempts === 1) throw storeError("Kafka is away");
    return result;
  };
}

test("waiting events are published by a regular activity on a separate queue, until it succeeds", async () => {
  const { handle, calls } = await bench.startCarrier([deposit("alice", "1.00")], {
    post: postLeaving({ events: "waiting" }),
    publishEvents: failingOnce(undefined),
  });
  await handle.result();
  const call: Call = {
    name: "publishEvents",
    args: [handle.workflowId],
    taskQueue: EVENTS_TASK_QUEUE,
    isLocal: false,
  };
  expect(calls.filter(({ name }) => name === "publishEvents")).toEqual([call, call]);
  expect(calls.filter(({ name }) => name === "post")).toHaveLength(1);
}, 20_000);

test("a carrier shows the number of its events that wait for Kafka, and then its outcomes alone", async () => {
  const kafka = Promise.withResolvers<void>();
  const { handle } = await bench.startCarrier([deposit("alice", "1.00")], {
    post: postLeaving({ events: "waiting", eventsWaiting: 2 }),
    publishEvents: () => kafka.promise,
  });
  const details = await awaitDetails(handle, "Kafka");
  expect(details).toBe(
    "Committed; 2 events wait for Kafka: see the pending activity `publishEvents` for its last error.\n\n" +
      "Deposit completed.",
  );
  kafka.resolve();
  await handle.result();
  expect(await readCurrentDetails(handle)).toBe("Deposit completed.");
}, 20_000);

test("a carrier whose events are left to the sweep shows that", async () => {
  const { handle } = await bench.startCarrier([deposit("alice", "1.00")], {
    post: postLeaving({ events: "queued", eventsWaiting: 1 }),
  });
  await handle.result();
  expect(await readCurrentDetails(handle)).toBe(
    "Committed; 1 event was left to the sweep: Kafka was away.\n\nDeposit completed.",
  );
});

test.each(["published", "queued"] as const)("a carrier does not wait for events that are %s", async (events) => {
  const { handle, calls } = await bench.startCarrier([deposit("alice", "1.00")], { post: postLeaving({ events }) });
  await handle.result();
  expect(calls.map(({ name }) => name)).toEqual(["post"]);
});
