import { historyToJSON } from "@temporalio/common/lib/proto-utils";
import type { Activities } from "../../src/activities/index.ts";
import { deposit, transfer, withdrawal } from "../support/operations.ts";
import { createWorkbench, goodActivities, quietenTemporal, trouble, type Workbench } from "../support/workbench.ts";

// Records what replay.test.ts replays: `bun test/workflow/record.ts`, with the test stack up. Only when the workflows have changed behind
// `patched()`: the histories that are here already stand for workflows that are under way somewhere.

const RUNS: Record<string, (bench: Workbench) => Promise<{ handle: Handle }>> = {
  "carrier-at-once": (bench) => bench.startCarrier([deposit("alice", "1.00"), transfer("alice", "bob", "1.00")]),
  "carrier-declined": (bench) =>
    bench.startCarrier([withdrawal("alice", "1.00")], {
      post: async (_, operations) =>
        operations.map(({ operationId }) => ({ operationId, status: "declined", code: "insufficient_funds" })),
    }),
  "carrier-durable": (bench) =>
    bench.startCarrier([deposit("alice", "1.00")], {
      post: failing(4, "PostgreSQL is away", goodActivities().post),
      refreshBalances: failing(1, "Redis is away", goodActivities().refreshBalances),
      tryPublishEvents: async () => "waiting",
      publishEvents: failing(1, "Kafka is away", goodActivities().publishEvents),
    }),
  "carrier-queued": (bench) =>
    bench.startCarrier([deposit("alice", "1.00")], { tryPublishEvents: async () => "queued" }),
  sweep: (bench) => bench.startSweep({ sweepUnpublished: failing(1, "Kafka is away", async () => 7) }),
};

type Handle = Awaited<ReturnType<Workbench["startCarrier"] | Workbench["startSweep"]>>["handle"];

/** The activity, which fails the first `times`. */
function failing<Activity extends Activities[keyof Activities]>(
  times: number,
  message: string,
  activity: Activity,
): Activity {
  let attempts = 0;
  const flaky = (...args: never[]) => {
    attempts += 1;
    return attempts <= times ? Promise.reject(trouble(message)) : (activity as (...args: never[]) => unknown)(...args);
  };
  return flaky as Activity;
}

quietenTemporal();
const bench = await createWorkbench();
for (const [name, start] of Object.entries(RUNS)) {
  const { handle } = await start(bench);
  await handle.result();
  const history = JSON.parse(historyToJSON(await handle.fetchHistory()));
  await Bun.write(new URL(`histories/${name}.json`, import.meta.url), `${JSON.stringify(history, null, 2)}\n`);
}
await bench[Symbol.asyncDispose]();
process.exit(0);
