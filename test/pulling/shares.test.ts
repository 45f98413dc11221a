import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { type Answer, apiUrl, post } from "../support/api/client.ts";
import { tally } from "../support/api/funds.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { holdCommits } from "../support/pulling/heldCommits.ts";

/** Twice as many batches as the queue holds. */
const BATCHES = 32;
const BATCH_SIZE = 1_000;
const LATER_BATCHES = 8;
const OTHERS = 4;

test("a caller that fills the queue with batches is refused, and single deposits of others are not", async () => {
  const importer = uniqueUserId("importer");
  const importerToken = await mintToken({ sub: importer });
  const otherTokens = await Promise.all(
    Array.from({ length: OTHERS }, () => mintToken({ sub: uniqueUserId("other") })),
  );
  const userIds = Array.from({ length: BATCH_SIZE }, () => uniqueUserId("imported"));
  const deposit = (userId: string) => ({ userId, amount: "1.00" });
  // The queue belongs to a process, so one process gets all requests.
  const submit = (path: string, body: object, token: string, key?: null) =>
    post(path, body, { token, isAsync: true, origin: apiUrl, ...(key === null && { key }) });
  const importBatch = () => {
    const operations = userIds.map((userId) => ({
      kind: "deposit",
      idempotencyKey: crypto.randomUUID(),
      ...deposit(userId),
    }));
    return submit("/v1/batches", { operations }, importerToken, null);
  };

  await using commits = await holdCommits(`new.caller = '${importer}'`);
  const first = importBatch();
  await commits.awaitWaiting();
  const batches = Array.from({ length: BATCHES }, importBatch);
  await Promise.any(batches.map(expectRefusal));
  // Now the queue is as full as the caller can make it. A refused batch proves that it is still full afterwards.
  const deposits = otherTokens.map((token) => submit("/v1/deposits", deposit(uniqueUserId("other")), token));
  const later = Array.from({ length: LATER_BATCHES }, importBatch);
  await Promise.any(later.map(expectRefusal));
  await commits.release();

  const [imports, singles] = await Promise.all([Promise.all([first, ...batches, ...later]), Promise.all(deposits)]);
  console.info(`batches: ${JSON.stringify(tally(imports))}, single deposits: ${JSON.stringify(tally(singles))}`);
  expect(tally(singles)).toEqual({ "202": OTHERS });
  for (const { body, headers } of imports) {
    if (body.code === "backpressure") expect(Number(headers.get("retry-after"))).toBeWithin(1, 31);
  }
}, 180_000);

/** Rejects where the request was accepted. */
async function expectRefusal(sent: Promise<Answer>): Promise<void> {
  expect((await sent).body.code).toBe("backpressure");
}
