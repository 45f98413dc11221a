import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { type Answer, post } from "../support/api/client.ts";
import { tally } from "../support/api/funds.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

/** Batches at once, of four times a caller's share of the queue. */
const BATCHES = 32;
const BATCH_SIZE = 1_000;
const OTHERS = 4;

const depositTo = (userId: string) => ({ userId, amount: "1.00" });

test("a caller that fills the queue with batches is refused, and single deposits of others are not", async () => {
  const token = await mintToken({ sub: uniqueUserId("importer") });
  const over = new AbortController();
  const deposits: Answer[] = [];
  const others = Array.from({ length: OTHERS }, async () => {
    const sub = uniqueUserId("other");
    const options = { token: await mintToken({ sub }), wait: 30 };
    do deposits.push(await post("/v1/deposits", depositTo(sub), options));
    while (!over.signal.aborted);
  });
  const userIds = Array.from({ length: BATCH_SIZE }, () => uniqueUserId("imported"));
  const batches = await Promise.all(
    Array.from({ length: BATCHES }, () => {
      const operations = userIds.map((userId) => ({
        kind: "deposit",
        idempotencyKey: crypto.randomUUID(),
        ...depositTo(userId),
      }));
      return post("/v1/batches", { operations }, { key: null, token, isAsync: true });
    }),
  );
  over.abort();
  await Promise.all(others);

  console.info(`batches: ${JSON.stringify(tally(batches))}, single deposits: ${JSON.stringify(tally(deposits))}`);
  const refused = batches.filter(({ body }) => body.code === "backpressure");
  expect(refused.length).toBeGreaterThan(0);
  for (const { headers } of refused) expect(Number(headers.get("retry-after"))).toBeWithin(1, 31);
  expect(deposits.filter(({ body }) => body.code === "backpressure")).toEqual([]);
}, 180_000);
