import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { NO_TEXTS, NOTHING_SETTLED } from "../support/ledger/absentFields.ts";
import { deposit, operation, transfer, uniqueUserId, withdrawal } from "../support/ledger/operations.ts";
import { audit, createTestLedger, type TestLedger, wordOf } from "../support/ledger/testLedger.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await createTestLedger("post");
});

afterAll(() => ledger.close());

const carrier = () => `carrier-${crypto.randomUUID()}`;

describe("posting", () => {
  test("a deposit creates the account, its first entry and the row of the operation", async () => {
    const userId = uniqueUserId();
    const request = { userId, amount: "150.00", comment: "Top-up; \"card\" \\ 'ünï' 😀", source: "visa" };
    const requested = operation({ kind: "deposit", request });
    const workflowId = carrier();
    const { outcomes } = await ledger.post(workflowId, [requested]);
    expect(outcomes).toEqual([{ operationId: requested.operationId, status: "completed" }]);
    const [stored] = await ledger.findOperations([requested.operationId]);
    expect(stored).toEqual({
      operationId: requested.operationId,
      workflowId,
      kind: "deposit",
      request,
      decline: null,
      createdAt: new Date(requested.acceptedAt),
      completedAt: stored!.completedAt,
      ...NOTHING_SETTLED,
      userId,
      amountMinor: 15_000n,
      releasedMinor: 15_000n,
      balance: { userId, availableMinor: 15_000n, reservedMinor: 0n, version: 1 },
    });
    expect(stored!.completedAt.getTime()).toBeGreaterThanOrEqual(stored!.createdAt.getTime());
    expect(await ledger.readEntries([requested.operationId])).toEqual([
      {
        userId,
        version: 1,
        operationId: requested.operationId,
        workflowId,
        kind: "deposit",
        amountMinor: 15_000n,
        availableDeltaMinor: 15_000n,
        reservedDeltaMinor: 0n,
        availableAfterMinor: 15_000n,
        reservedAfterMinor: 0n,
        counterpartyUserId: null,
        reservationId: null,
        serviceId: null,
        orderId: null,
        ...NO_TEXTS,
        source: request.source,
        comment: request.comment,
        createdAt: stored!.completedAt,
      },
    ]);
    expect(await ledger.readBalance(userId)).toMatchObject({ userId, availableMinor: 15_000n, version: 1 });
  });

  test("a transfer makes two linked entries, and always returns the sender's balance after it", async () => {
    const [from, to] = [uniqueUserId("z"), uniqueUserId("a")];
    await ledger.fund([from], "10.00");
    const requested = transfer(from, to, "4.00");
    const { operations } = await ledger.post(carrier(), [requested]);
    expect(operations).toMatchObject([{ balance: { availableMinor: 600n, version: 2 } }]);
    expect(await ledger.readEntries([requested.operationId])).toMatchObject([
      { userId: to, version: 1, availableDeltaMinor: 400n, availableAfterMinor: 400n, counterpartyUserId: from },
      { userId: from, version: 2, availableDeltaMinor: -400n, availableAfterMinor: 600n, counterpartyUserId: to },
    ]);
    expect(await ledger.findOperations([requested.operationId])).toMatchObject([
      { balance: { availableMinor: 600n, version: 2 } },
    ]);
    expect((await ledger.post(carrier(), [requested])).stored).toEqual(operations);
  });

  test("a list is applied in order, with versions without a gap", async () => {
    const [alice, bob] = [uniqueUserId(), uniqueUserId()];
    const list = [
      withdrawal(alice, "1.00"),
      deposit(alice, "5.00"),
      transfer(alice, bob, "3.00"),
      withdrawal(alice, "2.01"),
      withdrawal(alice, "2.00"),
      transfer(bob, alice, "1.00"),
    ];
    const { outcomes } = await ledger.post(carrier(), list);
    expect(outcomes.map(({ operationId }) => operationId)).toEqual(list.map(({ operationId }) => operationId));
    expect(outcomes.map(wordOf)).toEqual([
      "account_not_found",
      "completed",
      "completed",
      "insufficient_funds",
      "completed",
      "completed",
    ]);
    await ledger.post(carrier(), [deposit(bob, "1.00")]);
    const entries = await ledger.rows(
      "select version, available_after_minor from entries where user_id = $1 order by 1",
      [bob],
    );
    expect(entries).toEqual([
      { version: 1n, available_after_minor: 300n },
      { version: 2n, available_after_minor: 200n },
      { version: 3n, available_after_minor: 300n },
    ]);
    expect(await audit(ledger)).toEqual([]);
  });

  test("user ids are compared byte for byte: Bob and bob are two users", async () => {
    const lower = uniqueUserId("bob");
    const upper = lower.replace("bob", "Bob");
    await ledger.post(carrier(), [deposit(lower, "1.00"), deposit(upper, "2.00")]);
    expect([await ledger.availableMinor(lower), await ledger.availableMinor(upper)]).toEqual([100n, 200n]);
  });

  test("an account holds exactly the limit, and not one unit more", async () => {
    const userId = uniqueUserId();
    await ledger.fund([userId], "90000000000000000.00");
    const { outcomes } = await ledger.post(carrier(), [
      deposit(userId, "0.01"),
      withdrawal(userId, "0.01"),
      deposit(userId, "0.01"),
    ]);
    expect(outcomes.map(wordOf)).toEqual(["balance_limit_exceeded", "completed", "completed"]);
    expect(await ledger.availableMinor(userId)).toBe(9_000_000_000_000_000_000n);
  });

  test("an account that never received a credit does not exist for readers", async () => {
    const [from, to] = [uniqueUserId(), uniqueUserId()];
    const requested = transfer(from, to, "1.00");
    expect((await ledger.post(carrier(), [requested])).outcomes.map(wordOf)).toEqual(["account_not_found"]);
    expect(await ledger.readBalance(to)).toBeUndefined();
    expect(await ledger.readBalancesTouched([requested.operationId])).toEqual([]);
  });

  test("an entry is never dated before the account's last one, though the clock steps back", async () => {
    const userId = uniqueUserId();
    await ledger.fund([userId], "1.00");
    const ahead = new Date(Date.now() + 3_600_000);
    await ledger.owner.query("update accounts set last_entry_at = $2 where user_id = $1", [userId, ahead]);
    const [one, other] = [deposit(userId, "1.00"), deposit(userId, "1.00")];
    await ledger.post(carrier(), [one]);
    await ledger.post(carrier(), [other]);
    const times = (await ledger.readEntries([one.operationId, other.operationId])).map(({ createdAt }) => createdAt);
    expect(times).toEqual([ahead, ahead]);
  });

  test("the balances of the users of given operations are read as they are now, each once", async () => {
    const [alice, bob] = [uniqueUserId("a"), uniqueUserId("b")];
    const list = [deposit(alice, "5.00"), transfer(alice, bob, "1.00"), transfer(alice, bob, "1.00")];
    await ledger.post(carrier(), list);
    await ledger.post(carrier(), [deposit(bob, "0.50")]);
    const touched = await ledger.readBalancesTouched(list.map(({ operationId }) => operationId));
    const byUser = touched.toSorted((one, other) => (one.userId < other.userId ? -1 : 1));
    expect(byUser).toMatchObject([
      { userId: alice, availableMinor: 300n, version: 3 },
      { userId: bob, availableMinor: 250n, version: 3 },
    ]);
  });
});

describe("posting again", () => {
  test("a completed operation returns its first outcome and moves nothing", async () => {
    const userId = uniqueUserId();
    const requested = deposit(userId, "5.00");
    const first = await ledger.post(carrier(), [requested]);
    await ledger.post(carrier(), [withdrawal(userId, "3.00")]);
    const again = await ledger.post(carrier(), [requested]);
    expect(again.outcomes).toEqual(first.outcomes);
    expect(again.stored).toEqual(first.operations);
    expect(await ledger.availableMinor(userId)).toBe(200n);
  });

  test("a declined operation stays declined, though it would complete now", async () => {
    const userId = uniqueUserId();
    await ledger.fund([userId], "1.00");
    const requested = withdrawal(userId, "5.00");
    expect((await ledger.post(carrier(), [requested])).outcomes.map(wordOf)).toEqual(["insufficient_funds"]);
    await ledger.fund([userId], "50.00");
    await ledger.post(carrier(), [deposit(userId, "50.00")]);
    expect((await ledger.post(carrier(), [requested])).outcomes.map(wordOf)).toEqual(["insufficient_funds"]);
    expect(await ledger.findOperations([requested.operationId])).toMatchObject([
      { decline: { code: "insufficient_funds" }, amountMinor: null, balance: null },
    ]);
  });

  test("a stored operation keeps the carrier that stored it", async () => {
    const requested = deposit(uniqueUserId(), "5.00");
    await ledger.post("the-first-carrier", [requested]);
    await ledger.post("the-second-carrier", [requested]);
    expect(await ledger.findOperations([requested.operationId])).toMatchObject([{ workflowId: "the-first-carrier" }]);
  });

  test("another request under the same id is a mismatch and is not recorded", async () => {
    const userId = uniqueUserId();
    const requested = deposit(userId, "5.00");
    await ledger.post(carrier(), [requested]);
    const other = operation(
      { kind: "deposit", request: { userId, amount: "6.00", comment: "more" } },
      requested.idempotencyKey!,
    );
    const { outcomes, operations, stored } = await ledger.post(carrier(), [other]);
    expect(outcomes).toEqual([{ operationId: requested.operationId, status: "mismatched" }]);
    expect(operations).toEqual([]);
    expect(stored).toMatchObject([{ request: requested.request }]);
    expect(await ledger.findOperations([requested.operationId])).toMatchObject([{ request: requested.request }]);
    expect(await ledger.availableMinor(userId)).toBe(500n);
  });

  test("an operation that occurs twice in a list moves money once and has two equal outcomes", async () => {
    const userId = uniqueUserId();
    const requested = deposit(userId, "5.00");
    const { outcomes, operations } = await ledger.post(carrier(), [requested, requested]);
    expect(outcomes[1]).toEqual(outcomes[0]!);
    expect(operations).toHaveLength(1);
    expect(await ledger.availableMinor(userId)).toBe(500n);
  });
});
