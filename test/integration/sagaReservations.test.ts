import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { ReservationFields } from "../../src/ledger/operations.ts";
import { postingOn } from "../support/activities/barePosting.ts";
import { deposit, uniqueUserId } from "../support/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { recognition, release, reservation, uniqueOrder } from "../support/ledger/reservationOperations.ts";

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("saga_reservations");
});

// Postpones open reservations, so that they are no burst for the next test.
afterEach(async () => {
  await ledger.rows("update reservations set expires_at = now() + interval '1 hour' where remaining_minor > 0");
});

afterAll(() => ledger.close());

const sagaName = () => `reservation-${crypto.randomUUID()}`;

/**
 * Reserves these amounts for one order with enough money, in one list of the saga.
 * @returns their ids, in list order
 */
async function open(saga: string, amounts: string[], ttlSeconds = 600, order?: ReservationFields): Promise<string[]> {
  const of = order ?? (await ledger.fundedOrder("10000.00"));
  const list = amounts.map((amount, index) => reservation(of, amount, { ttlSeconds: ttlSeconds + index }));
  await ledger.post(saga, list);
  return list.map(({ operationId }) => operationId);
}

/** Moves the deadline this many seconds into the past. */
async function makeOverdue(reservationId: string, seconds: number): Promise<void> {
  await ledger.rows("update reservations set expires_at = now() - make_interval(secs => $2) where id = $1", [
    reservationId,
    seconds,
  ]);
}

/** Sets the reserved amount of the account to zero. None of its reservations can expire then. */
async function breakBooks({ userId }: ReservationFields): Promise<void> {
  await ledger.rows("update accounts set reserved_minor = 0 where user_id = $1", [userId]);
}

const idsIn = (found: { reservationId: string }[]) => found.map(({ reservationId }) => reservationId);

describe("the sums of a saga", () => {
  test("include all of its reservations, settled ones too, and none of another saga", async () => {
    const [saga, other] = [sagaName(), sagaName()];
    const order = await ledger.fundedOrder("100.00");
    const [recognized, released, expired, part] = await open(saga, ["1.00", "2.00", "4.00", "8.00"], 600, order);
    await open(other, ["16.00"], 60, order);
    await ledger.postAll(
      recognition({ reservationId: recognized! }),
      release({ reservationId: released! }),
      recognition({ reservationId: part!, amount: "3.00", final: false }),
    );
    await ledger.passDeadline(expired!);
    await ledger.expireByIds(saga, expired!);
    const sums = await ledger.readSagaReservations(saga, []);
    const [row] = await ledger.findReservations([part!]);
    expect(sums).toEqual({
      reservedMinor: 1_500n,
      recognizedMinor: 400n,
      releasedMinor: 200n,
      expiredMinor: 400n,
      remainingMinor: 500n,
      openCount: 1,
      openReservationId: part!,
      nextDeadline: row!.expiresAt,
      refusedCount: 0,
      refusedReservationId: null,
      settlements: [],
      clock: sums.clock,
    });
    expect(sums.nextDeadline!.getTime() - sums.clock.getTime()).toBeWithin(1, 604_000);
  });

  test("have the last settlements once nothing is open: amount, caller or operator, and reason", async () => {
    const saga = sagaName();
    const [parts, expired] = await open(saga, ["8.00", "4.00"]);
    const recognized = recognition({ reservationId: parts!, amount: "3.00", final: false });
    await ledger.postAll(recognized);
    await postingOn(ledger).releaseByOperator(saga, { reservationId: parts!, by: "olga", reason: "Given up" });
    expect((await ledger.readSagaReservations(saga, [])).settlements).toEqual([]);
    await ledger.passDeadline(expired!);
    await ledger.expireByIds(saga, expired!);
    const { settlements } = await ledger.readSagaReservations(saga, []);
    expect(settlements).toEqual([
      { kind: "expiry", amountMinor: 400n, by: expect.any(String), reason: null, at: expect.any(Date) },
      { kind: "release", amountMinor: 500n, by: "olga", reason: "Given up", at: expect.any(Date) },
      { kind: "recognition", amountMinor: 300n, by: recognized.caller!, reason: null, at: expect.any(Date) },
    ]);
    const times = settlements.map(({ at }) => at.getTime());
    expect(times).toEqual(times.toSorted((one, other) => other - one));
  });

  test("are zero for a saga without reservations", async () => {
    expect(await ledger.readSagaReservations(sagaName(), [])).toMatchObject({
      reservedMinor: 0n,
      remainingMinor: 0n,
      openCount: 0,
      openReservationId: null,
      nextDeadline: null,
    });
  });

  test("contain the earliest deadline of open ones that are not refused, and count the refused ones", async () => {
    const saga = sagaName();
    const [first, second, third, settled] = await open(saga, ["1.00", "1.00", "1.00", "1.00"]);
    await ledger.postAll(release({ reservationId: settled! }));
    for (const reservationId of [first!, settled!]) await makeOverdue(reservationId, 5);
    const sums = await ledger.readSagaReservations(saga, [first!, settled!]);
    const [next] = await ledger.findReservations([second!]);
    expect(sums).toMatchObject({ openCount: 3, refusedCount: 1, refusedReservationId: first! });
    expect(sums.nextDeadline).toEqual(next!.expiresAt);
    const all = await ledger.readSagaReservations(saga, [first!, second!, third!]);
    expect(all).toMatchObject({ openCount: 3, refusedCount: 3, nextDeadline: null });
  });
});

describe("the search for due reservations", () => {
  test("finds open ones of this saga past their deadline, the earliest first, with owner and delay", async () => {
    const [saga, other] = [sagaName(), sagaName()];
    const order = await ledger.fundedOrder("100.00");
    const [late, later, settled, notDue] = await open(saga, ["1.00", "1.00", "1.00", "1.00"], 600, order);
    const [foreign] = await open(other, ["1.00"], 600, order);
    await ledger.postAll(release({ reservationId: settled! }));
    await makeOverdue(late!, 50);
    for (const reservationId of [later!, foreign!]) await makeOverdue(reservationId, 20);
    await makeOverdue(settled!, 90);
    const due = await ledger.findDue(saga, [], 10);
    expect(idsIn(due)).toEqual([late!, later!]);
    expect(due.map(({ userId }) => userId)).toEqual([order.userId, order.userId]);
    expect(due[0]!.overdueMs).toBeWithin(50_000, 110_000);
    expect(idsIn(await ledger.findDue(saga, [], 1))).toEqual([late!]);
    expect(idsIn(await ledger.findDue(saga, [late!], 10))).toEqual([later!]);
    expect(await ledger.findDue(saga, [late!, later!], 10)).toEqual([]);
    expect(idsIn(await ledger.findDue(other, [], 10))).toEqual([foreign!]);
    expect(await ledger.partsOf(notDue!)).toEqual(["0.00", "0.00", "0.00", "1.00"]);
  });

  test("finds those that are overdue by a given time in any saga, except given ones", async () => {
    const [one, two] = [(await open(sagaName(), ["1.00"]))[0]!, (await open(sagaName(), ["1.00"]))[0]!];
    await makeOverdue(one, 5_000);
    await makeOverdue(two, 4_000);
    expect(idsIn(await ledger.findOverdue(3_900, [], 10))).toEqual([one, two]);
    expect(idsIn(await ledger.findOverdue(4_500, [], 10))).toEqual([one]);
    expect(idsIn(await ledger.findOverdue(3_900, [], 1))).toEqual([one]);
    expect(idsIn(await ledger.findOverdue(3_900, [one], 10))).toEqual([two]);
    await ledger.expireByIds("sweep", one, two);
    expect(await ledger.findOverdue(3_900, [], 10)).toEqual([]);
  });
});

describe("a saga whose reservations another carrier has changed", () => {
  test("is signalled if nothing is open any more, or if it has a single reservation", async () => {
    const [single, settled, open2, partly] = [sagaName(), sagaName(), sagaName(), sagaName()];
    const [one] = await open(single, ["5.00"]);
    const both = await open(settled, ["5.00", "5.00"]);
    const [changed] = await open(open2, ["5.00", "5.00"]);
    const [gone] = await open(partly, ["5.00", "5.00"]);
    await ledger.postAll(
      release({ reservationId: one!, amount: "1.00" }),
      ...both.map((reservationId) => release({ reservationId })),
      release({ reservationId: changed!, amount: "1.00" }),
      release({ reservationId: gone! }),
    );
    const found = await ledger.findSagasToSignal([single, settled, open2, partly]);
    expect(new Set(found)).toEqual(new Set([single, settled]));
    expect(await ledger.findSagasToSignal([])).toEqual([]);
  });
});

describe("expiring a saga", () => {
  test("with more than one piece expires all in several transactions, except a refused one", async () => {
    const saga = sagaName();
    const order = await ledger.fundedOrder("10000.00");
    const broken = await ledger.fundedOrder("10.00");
    const list = Array.from({ length: 700 }, (_, index) => reservation(index === 333 ? broken : order, "1.00"));
    await ledger.post(saga, list);
    const ids = list.map(({ operationId }) => operationId);
    await ledger.passDeadline(...ids);
    await breakBooks(broken);
    await ledger.rows("delete from outbox where workflow_id = $1", [saga]);

    const { expire } = postingOn(ledger);
    const { counts, saga: summary } = await expire(saga);
    expect(counts).toEqual([{ kind: "expiry", outcome: "completed", count: 699 }]);
    const refused = { count: 1, reservationId: ids[333]! };
    expect(summary).toMatchObject({ openCount: 1, onlyOpenId: ids[333]!, expired: "699.00", refused });
    expect((await ledger.outboxOf(saga)).flat()).toHaveLength(699);
    expect((await ledger.outboxOf(saga)).length).toBeGreaterThan(1);
    await ledger.rows("update accounts set reserved_minor = 100 where user_id = $1", [broken.userId]);
    expect((await expire(saga)).saga).toMatchObject({ openCount: 0, expired: "700.00" });
  });

  test("that is late also expires equally late reservations of other sagas, and returns these sagas", async () => {
    const [mine, late, punctual] = [sagaName(), sagaName(), sagaName()];
    const ids = [
      (await open(mine, ["1.00"]))[0]!,
      (await open(late, ["2.00"]))[0]!,
      (await open(punctual, ["4.00"]))[0]!,
    ];
    for (const reservationId of ids.slice(0, 2)) await makeOverdue(reservationId, 30);
    const { counts, sagaWorkflowIds, saga } = await postingOn(ledger).expire(mine);
    expect(counts).toEqual([{ kind: "expiry", outcome: "completed", count: 2 }]);
    expect(sagaWorkflowIds).toEqual([late]);
    expect(saga).toMatchObject({ expired: "1.00", openCount: 0 });
    expect(await ledger.partsOf(ids[1]!)).toEqual(["0.00", "0.00", "2.00", "0.00"]);
    expect(await ledger.partsOf(ids[2]!)).toEqual(["0.00", "0.00", "0.00", "4.00"]);
  });

  test("whose reservation is due just now leaves those of other sagas to them", async () => {
    const [mine, other] = [sagaName(), sagaName()];
    const [own, foreign] = [(await open(mine, ["1.00"]))[0]!, (await open(other, ["1.00"]))[0]!];
    await makeOverdue(own, 0);
    await makeOverdue(foreign, 30);
    const expire = (saga: string) =>
      postingOn({ ...ledger, findDue: async (...query) => punctually(await ledger.findDue(...query)) }).expire(saga);
    expect((await expire(mine)).counts).toEqual([{ kind: "expiry", outcome: "completed", count: 1 }]);
    expect(await ledger.partsOf(foreign)).toEqual(["0.00", "0.00", "0.00", "1.00"]);
    await ledger.expireByIds("sweep", foreign);
  });

  test("by the sweep skips refused reservations, and expires those that are due after them", async () => {
    const saga = sagaName();
    const broken = await ledger.fundedOrder("10.00");
    const [refused] = await open(saga, ["1.00"], 600, broken);
    const [behind] = await open(sagaName(), ["1.00"]);
    await makeOverdue(refused!, 3_000);
    await makeOverdue(behind!, 2_000);
    await breakBooks(broken);
    const oneByOne: ReservationLedger["findOverdue"] = (grace, exceptIds) => ledger.findOverdue(grace, exceptIds, 1);
    const { counts } = await postingOn({ ...ledger, findOverdue: oneByOne }).expireOverdue("sweep");
    expect(counts).toEqual([{ kind: "expiry", outcome: "completed", count: 1 }]);
    expect(await ledger.partsOf(behind!)).toEqual(["0.00", "0.00", "1.00", "0.00"]);
    await ledger.rows("update accounts set reserved_minor = 100 where user_id = $1", [broken.userId]);
    await ledger.expireByIds("sweep", refused!);
  });
});

describe("an operator's release", () => {
  test("of the saga's own reservation is posted once, under the saga's workflow id", async () => {
    const saga = sagaName();
    const [own] = await open(saga, ["4.00"]);
    const { releaseByOperator } = postingOn(ledger);
    const released = { counts: [{ kind: "release" as const, outcome: "completed" as const, count: 1 }] };
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await releaseByOperator(saga, { reservationId: own! })).toMatchObject(released);
    }
    expect(await ledger.partsOf(own!)).toEqual(["0.00", "4.00", "0.00", "0.00"]);
    expect((await ledger.outboxOf(saga)).length).toBe(2);
  });

  test("of a foreign or unknown reservation, or of a malformed id, is refused and leaves no row", async () => {
    const [saga, otherSaga] = [sagaName(), sagaName()];
    const [foreign] = await open(otherSaga, ["4.00"]);
    const other = deposit(uniqueUserId(), "1.00");
    await ledger.postAll(other, reservation(uniqueOrder(), "1.00"));
    const before = await ledger.rows("select count(*) from operations");
    for (const id of [foreign!, other.operationId, crypto.randomUUID(), "no id", ""]) {
      expect(await postingOn(ledger).releaseByOperator(saga, { reservationId: id })).toBeUndefined();
    }
    expect(await ledger.rows("select count(*) from operations")).toEqual(before);
  });
});

/** Removes the delay since the deadlines, which depends on the speed of the machine. */
function punctually<Found extends { overdueMs: number }>(found: Found[]): Found[] {
  return found.map((one) => ({ ...one, overdueMs: 0 }));
}
