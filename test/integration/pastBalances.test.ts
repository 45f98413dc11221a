import { afterAll, beforeAll, expect, test } from "bun:test";
import { setTimeout as sleep } from "node:timers/promises";
import { hold, openContenders, storeDeclined } from "../support/ledger/barrier.ts";
import { deposit, transfer, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { createTestLedger, type TestLedger } from "../support/ledger/testLedger.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createTestLedger("past_balances");
});

afterAll(() => ledger.close());

/** The database's clock in whole milliseconds, as the time of a posting. */
async function readNow(): Promise<Date> {
  const [row] = await ledger.rows<{ now: Date }>("select clock_timestamp() as now");
  return row!.now;
}

const summarize = async (userId: string, at: Date) => {
  const past = await ledger.readPastBalance(userId, at);
  return past && `${past.balance.availableMinor} + ${past.balance.reservedMinor} v${past.balance.version}`;
};

test("at every time of an account it is the balance after the last entry before that time", async () => {
  const [userId, other] = [uniqueUserId(), uniqueUserId()];
  for (let round = 0; round < 12; round += 1) {
    const together = [deposit(userId, "5.00"), withdrawal(userId, "1.00"), transfer(userId, other, "0.50")];
    await ledger.post(`carrier-${round}`, together.slice(0, 1 + (round % 3)));
  }
  const entries = await ledger.rows(
    "select version, available_after_minor, reserved_after_minor, created_at from entries where user_id = $1 order by version",
    [userId],
  );
  for (const distanceMs of [-1, 0, 1]) {
    for (const { created_at: createdAt } of entries) {
      const at = new Date(createdAt.getTime() + distanceMs);
      const last = entries.findLast((entry) => entry.created_at < at);
      const expected = last
        ? `${last.available_after_minor} + ${last.reserved_after_minor} v${last.version}`
        : "0 + 0 v0";
      expect([at, await summarize(userId, at)]).toEqual([at, expected]);
      const page = { sort: "date", order: "desc", after: undefined, limit: 1 } as const;
      const filters = { kinds: undefined, serviceId: undefined, orderId: undefined, from: undefined };
      const [ending] = (await ledger.readStatement(userId, { ...page, ...filters, to: at }))!;
      expect(ending?.version ?? 0).toBe(last ? Number(last.version) : 0);
    }
  }
});

test("a user without a credit has none at any time, also after a decline has created the account", async () => {
  const [sender, receiver] = [uniqueUserId(), uniqueUserId()];
  await ledger.post("carrier", [transfer(sender, receiver, "1.00")]);
  for (const userId of [sender, receiver]) expect(await summarize(userId, new Date(0))).toBeUndefined();
  await ledger.fund([receiver], "1.00");
  expect(await summarize(receiver, new Date(0))).toBe("0 + 0 v0");
});

test("a reader waits for a posting that has its time already, and includes its entry", async () => {
  const userId = uniqueUserId();
  await ledger.fund([userId], "1.00");
  const late = deposit(userId, "2.00");
  const contenders = await openContenders(ledger, 1);
  // The posting has locked the account and taken its time. Its operation waits for the same one of another carrier.
  await using holder = await hold(ledger, storeDeclined(late));
  const posted = contenders.post("carrier-late", [late]);
  await contenders.awaitWaiting(1, holder);
  await sleep(5);
  const at = await readNow();
  const read = summarize(userId, at);
  expect(await Promise.race([read, sleep(300, "waiting")])).toBe("waiting");
  await holder.rollback();
  await posted;
  expect(await read).toBe("300 + 0 v2");
  expect(await summarize(userId, at)).toBe("300 + 0 v2");
  await contenders.close();
});

test("a reader waits for the running posting only, not for the next one", async () => {
  const userId = uniqueUserId();
  await ledger.fund([userId], "1.00");
  const [running, next] = [deposit(userId, "2.00"), deposit(userId, "4.00")];
  const contenders = await openContenders(ledger, 2);
  await using holder = await hold(ledger, storeDeclined(running));
  await using nextHolder = await hold(ledger, storeDeclined(next));
  const posted = contenders.post("carrier-running", [running]);
  await contenders.awaitWaiting(1, holder);
  const postedNext = contenders.post("carrier-next", [next]);
  await contenders.awaitWaiting(2);
  await sleep(5);
  const at = await readNow();
  const read = summarize(userId, at);
  expect(await Promise.race([read, sleep(300, "waiting")])).toBe("waiting");
  await holder.rollback();
  await posted;
  await contenders.awaitWaiting(1, nextHolder);
  expect(await read).toBe("300 + 0 v2");
  await nextHolder.rollback();
  await postedNext;
  expect(await summarize(userId, at)).toBe("300 + 0 v2");
  await contenders.close();
});

test("an answer for the present never changes, however many postings run", async () => {
  const userId = uniqueUserId();
  await ledger.fund([userId], "1.00");
  const answers = new Map<number, string | undefined>();
  let running = 4;
  async function keepPosting(name: string): Promise<void> {
    for (let count = 0; count < 60 || answers.size <= 50; count += 1)
      await ledger.post(`${name}-${count}`, [deposit(userId, "0.01")]);
    running -= 1;
  }
  async function keepReading(): Promise<void> {
    while (running > 0) {
      const at = await readNow();
      const answer = await summarize(userId, at);
      expect([at, answers.get(at.getTime()) ?? answer]).toEqual([at, answer]);
      answers.set(at.getTime(), answer);
    }
  }
  await Promise.all([...["a", "b", "c", "d"].map(keepPosting), keepReading(), keepReading()]);
  expect(answers.size).toBeGreaterThan(50);
  for (const [atMs, answer] of answers) expect([atMs, await summarize(userId, new Date(atMs))]).toEqual([atMs, answer]);
});
