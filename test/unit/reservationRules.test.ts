import { describe, expect, test } from "bun:test";
import { type Books, type Decision, decide } from "../../src/ledger/decide.ts";
import { ACCOUNT_LIMIT_MINOR } from "../../src/ledger/money.ts";
import { DECLINE_RESERVATIONS_MAX, type DeclineCode, type Operation } from "../../src/ledger/operations.ts";
import type { Account, Recognition, Reservation } from "../../src/ledger/records.ts";
import {
  expiry,
  extension,
  recognition,
  refund,
  release,
  reservation,
} from "../support/ledger/reservationOperations.ts";

const clock = new Date("2026-11-23T12:00:00.000Z");
const after = (seconds: number) => new Date(clock.getTime() + seconds * 1_000);
const DEFAULT_TTL_SECONDS = 60;
const order = { userId: "alice", serviceId: "promotion", orderId: "order" };

function held(reservationId: string, amountMinor: bigint, changes: Partial<Reservation> = {}): Reservation {
  const settled = { recognizedMinor: 0n, releasedMinor: 0n, expiredMinor: 0n, refundedMinor: 0n };
  return { ...order, ...settled, reservationId, amountMinor, expiresAt: after(100), createdAt: clock, ...changes };
}

function recognized(recognitionId: string, amountMinor: bigint, refundedMinor = 0n): Recognition {
  return { ...order, recognitionId, reservationId: "r", amountMinor, refundedMinor };
}

type Held = { reservations?: Reservation[]; recognitions?: Recognition[]; availableMinor?: bigint; version?: number };

function books({ reservations = [], recognitions = [], availableMinor = 500n, version = 1 }: Held): Books {
  const open = reservations.map((one) => one.amountMinor - one.recognizedMinor - one.releasedMinor - one.expiredMinor);
  const reservedMinor = open.reduce((all, one) => all + one, 0n);
  const lastEntryAt = version === 0 ? null : clock;
  const account: Account = { userId: "alice", availableMinor, reservedMinor, version, lastEntryAt };
  const found = { accounts: [account], reservations, recognitions, serviceNames: new Map(), stored: [] };
  return { ...found, clock, defaultTtlSeconds: DEFAULT_TTL_SECONDS };
}

/** The changes and resulting balances of the decision's only entry. */
function movementOf({ entries: [entry, ...others] }: Decision) {
  expect(others).toEqual([]);
  const { amountMinor, availableDeltaMinor, reservedDeltaMinor, availableAfterMinor, reservedAfterMinor } = entry!;
  return [amountMinor, availableDeltaMinor, reservedDeltaMinor, availableAfterMinor, reservedAfterMinor];
}

function expectDecline(operation: Operation, on: Held, decline: { code: string; reservationIds?: string[] }): void {
  const decision = decide([operation], books(on));
  expect(decision.outcomes).toEqual([
    { operationId: operation.operationId, status: "declined", code: decline.code as DeclineCode },
  ]);
  expect(decision.decided).toMatchObject([{ operation, decline: decline as never, expiresAt: null }]);
  const { entries, accounts, reservations, recognitions, revenue } = decision;
  expect({ entries, accounts, reservations, recognitions, revenue }).toEqual({
    ...{ entries: [], accounts: [], reservations: [], recognitions: [], revenue: [] },
  });
}

describe("a reservation", () => {
  test("moves its amount from available to reserved, and is due after its TTL", () => {
    const operation = reservation(order, "2.00", { ttlSeconds: 10 });
    const decision = decide([operation], books({}));
    expect(movementOf(decision)).toEqual([200n, -200n, 200n, 300n, 200n]);
    expect(decision.entries).toMatchObject([{ ...order, reservationId: operation.operationId }]);
    expect(decision.reservations).toEqual([held(operation.operationId, 200n, { expiresAt: after(10) })]);
    expect(decision.decided).toMatchObject([
      { operation, decline: null, ...order, reservationId: operation.operationId, expiresAt: after(10) },
    ]);
    expect(decision.outcomes).toEqual([{ operationId: operation.operationId, status: "completed" }]);
  });

  test("without a TTL is due after the default", () => {
    const { reservations } = decide([reservation(order, "2.00")], books({}));
    expect(reservations[0]?.expiresAt).toEqual(after(DEFAULT_TTL_SECONDS));
  });

  test("of more than is available is declined, also on an account without a credit", () => {
    expectDecline(reservation(order, "5.01"), {}, { code: "insufficient_funds" });
    expectDecline(reservation(order, "0.01"), { availableMinor: 0n, version: 0 }, { code: "account_not_found" });
  });

  test("fits into a full account, whose sum does not grow", () => {
    const { outcomes } = decide([reservation(order, "1.00")], books({ availableMinor: ACCOUNT_LIMIT_MINOR }));
    expect(outcomes[0]?.status).toBe("completed");
  });
});

describe("a recognition by id", () => {
  const on = { reservations: [held("r", 400n)] };

  test("of all that remains takes it out of the reserve, as revenue of the service", () => {
    const operation = recognition({ reservationId: "r" });
    const decision = decide([operation], books(on));
    expect(movementOf(decision)).toEqual([400n, 0n, -400n, 500n, 0n]);
    expect(decision.reservations).toEqual([held("r", 400n, { recognizedMinor: 400n })]);
    expect(decision.recognitions).toEqual([recognized(operation.operationId, 400n)]);
    expect(decision.revenue).toEqual([
      { operationId: operation.operationId, serviceId: "promotion", amountMinor: 400n },
    ]);
    expect(decision.decided).toMatchObject([{ reservationId: "r", expiresAt: null }]);
  });

  test("of a part releases the rest in the same entry", () => {
    const decision = decide([recognition({ reservationId: "r", amount: "1.00" })], books(on));
    expect(movementOf(decision)).toEqual([100n, 300n, -400n, 800n, 0n]);
    expect(decision.reservations).toEqual([held("r", 400n, { recognizedMinor: 100n, releasedMinor: 300n })]);
  });

  test("of a part that is not final keeps the rest reserved", () => {
    const decision = decide([recognition({ reservationId: "r", amount: "1.00", final: false })], books(on));
    expect(movementOf(decision)).toEqual([100n, 0n, -100n, 500n, 300n]);
    expect(decision.reservations).toEqual([held("r", 400n, { recognizedMinor: 100n })]);
  });

  test("of a part counts the parts before it: the third of three exceeds the rest", () => {
    const part = () => recognition({ reservationId: "r", amount: "2.00", final: false });
    const { outcomes, recognitions } = decide([part(), part(), part()], books(on));
    expect(outcomes).toMatchObject([{ status: "completed" }, { status: "completed" }, { code: "reservation_settled" }]);
    expect(recognitions.map(({ amountMinor }) => amountMinor)).toEqual([200n, 200n]);
  });

  test("of more than remains, or of an unknown, settled or expired reservation is declined", () => {
    expectDecline(recognition({ reservationId: "r", amount: "4.01" }), on, { code: "exceeds_remaining" });
    expectDecline(recognition({ reservationId: "unknown" }), on, { code: "reservation_not_found" });
    const settled = { reservations: [held("r", 400n, { recognizedMinor: 100n, releasedMinor: 300n })] };
    expectDecline(recognition({ reservationId: "r" }), settled, { code: "reservation_settled" });
    const expired = { reservations: [held("r", 400n, { recognizedMinor: 100n, expiredMinor: 300n })] };
    expectDecline(recognition({ reservationId: "r" }), expired, { code: "reservation_expired" });
  });

  test("that is due is open until its expiry is posted", () => {
    const due = { reservations: [held("r", 400n, { expiresAt: after(-1) })] };
    expect(decide([recognition({ reservationId: "r" })], books(due)).outcomes[0]?.status).toBe("completed");
  });
});

describe("a recognition by fields", () => {
  test("takes, of those with exactly the amount, the earliest due, then the oldest", () => {
    const reservations = [
      held("other amount", 300n, { expiresAt: after(1) }),
      held("late", 200n, { expiresAt: after(30) }),
      held("young", 200n, { expiresAt: after(20), createdAt: after(-1) }),
      held("old", 200n, { expiresAt: after(20), createdAt: after(-2) }),
      held("part of it is gone", 300n, { expiresAt: after(50), recognizedMinor: 100n }),
      held("another order", 200n, { expiresAt: after(1), orderId: "another" }),
    ];
    const list = Array.from({ length: 5 }, () => recognition({ ...order, amount: "2.00" }));
    const { decided } = decide(list, books({ reservations }));
    expect(decided.map((one) => one.reservationId ?? one.decline?.code)).toEqual([
      ...["old", "young", "late", "part of it is gone"],
      "amount_mismatch",
    ]);
  });

  test("is declined with the ids of the open ones where none has exactly the amount", () => {
    const reservations = [held("one", 300n), held("two", 100n), held("settled", 200n, { releasedMinor: 200n })];
    const decline = { code: "amount_mismatch", reservationIds: ["one", "two"] };
    expectDecline(recognition({ ...order, amount: "2.00" }), { reservations }, decline);
  });

  test("lists at most the first hundred open ones by deadline in the decline, and none in the outcome", () => {
    const reservations = Array.from({ length: 250 }, (_, index) =>
      held(`r${index}`, 300n, { expiresAt: after(1_000 - index) }),
    );
    const list = Array.from({ length: 1_000 }, () => recognition({ ...order, amount: "2.00" }));
    const { decided, outcomes } = decide(list, books({ reservations }));
    const earliest = reservations.toReversed().slice(0, DECLINE_RESERVATIONS_MAX);
    for (const { decline } of decided) {
      expect(decline?.reservationIds).toEqual(earliest.map(({ reservationId }) => reservationId));
    }
    expect(JSON.stringify(outcomes).length).toBeLessThan(128 * 1024);
  });

  test("is declined by the state of the latest reservation where none is open", () => {
    const request = () => recognition({ ...order, amount: "2.00" });
    const settled = held("settled", 200n, { releasedMinor: 200n });
    const expired = held("expired", 200n, { expiredMinor: 200n, createdAt: after(-1) });
    expectDecline(request(), { reservations: [expired, settled] }, { code: "reservation_settled" });
    expectDecline(
      request(),
      { reservations: [settled, { ...expired, createdAt: after(1) }] },
      {
        code: "reservation_expired",
      },
    );
    expectDecline(request(), {}, { code: "reservation_not_found" });
  });
});

describe("a release", () => {
  const on = { reservations: [held("r", 400n)] };

  test("by id makes all that remains, or a part, available again", () => {
    const all = decide([release({ reservationId: "r" })], books(on));
    expect(movementOf(all)).toEqual([400n, 400n, -400n, 900n, 0n]);
    expect(all.reservations).toEqual([held("r", 400n, { releasedMinor: 400n })]);
    expect([all.recognitions, all.revenue]).toEqual([[], []]);
    const part = decide([release({ reservationId: "r", amount: "1.00" })], books(on));
    expect(movementOf(part)).toEqual([100n, 100n, -100n, 600n, 300n]);
  });

  test("by id, of more than remains or of a reservation that is not open, is declined", () => {
    expectDecline(release({ reservationId: "r", amount: "4.01" }), on, { code: "exceeds_remaining" });
    expectDecline(release({ reservationId: "unknown" }), on, { code: "reservation_not_found" });
    const settled = { reservations: [held("r", 400n, { recognizedMinor: 400n })] };
    expectDecline(release({ reservationId: "r" }), settled, { code: "reservation_settled" });
  });

  test("by fields takes the only open reservation, of any amount", () => {
    const { reservations } = decide([release(order)], books(on));
    expect(reservations).toEqual([held("r", 400n, { releasedMinor: 400n })]);
  });

  test("by fields takes the earliest due of equal ones, and is declined with their ids where they differ", () => {
    const alike = [held("late", 200n), held("early", 200n, { expiresAt: after(1) })];
    expect(decide([release(order)], books({ reservations: alike })).decided[0]?.reservationId).toBe("early");
    const different = [held("one", 200n), held("two", 100n, { expiresAt: after(1) })];
    const decline = { code: "reservation_ambiguous", reservationIds: ["two", "one"] };
    expectDecline(release(order), { reservations: different }, decline);
  });

  test("by fields, where none is open, is declined by the state of the latest", () => {
    const expired = { reservations: [held("r", 400n, { expiredMinor: 400n })] };
    expectDecline(release(order), expired, { code: "reservation_expired" });
    expectDecline(release(order), {}, { code: "reservation_not_found" });
  });
});

describe("an extension", () => {
  const on = { reservations: [held("r", 400n)] };

  test("moves the deadline and makes no entry", () => {
    const operation = extension("r", 200);
    const decision = decide([operation], books(on));
    expect(decision.reservations).toEqual([held("r", 400n, { expiresAt: after(200) })]);
    expect([decision.entries, decision.accounts]).toEqual([[], []]);
    expect(decision.decided).toMatchObject([
      { operation, decline: null, ...order, reservationId: "r", expiresAt: after(200) },
    ]);
    expect(decision.outcomes).toEqual([{ operationId: operation.operationId, status: "completed" }]);
  });

  test("never shortens the deadline", () => {
    const decision = decide([extension("r", 99)], books(on));
    expect(decision.reservations[0]?.expiresAt).toEqual(after(100));
    expect(decision.decided[0]?.expiresAt).toEqual(after(100));
  });

  test("of a reservation that is not open is declined", () => {
    expectDecline(extension("unknown", 60), on, { code: "reservation_not_found" });
    const expired = { reservations: [held("r", 400n, { expiredMinor: 400n })] };
    expectDecline(extension("r", 60), expired, { code: "reservation_expired" });
  });
});

describe("an expiry", () => {
  test("makes all that remains available at its deadline", () => {
    const due = held("r", 400n, { expiresAt: clock, recognizedMinor: 100n });
    const decision = decide([expiry("r")], books({ reservations: [due] }));
    expect(movementOf(decision)).toEqual([300n, 300n, -300n, 800n, 0n]);
    expect(decision.reservations).toEqual([{ ...due, expiredMinor: 300n }]);
  });

  test("before the deadline is a bug and throws", () => {
    const early = { reservations: [held("r", 400n, { expiresAt: new Date(clock.getTime() + 1) })] };
    expect(() => decide([expiry("r")], books(early))).toThrow("before its deadline");
  });

  test("of a settled reservation is declined", () => {
    const settled = { reservations: [held("r", 400n, { recognizedMinor: 400n, expiresAt: clock })] };
    expectDecline(expiry("r"), settled, { code: "reservation_settled" });
  });
});

describe("a refund", () => {
  const settled = { recognizedMinor: 500n, refundedMinor: 150n };
  const on = { reservations: [held("r", 500n, settled)], recognitions: [recognized("c", 400n, 100n)] };

  test("gives back all that is left, or a part, out of the service's revenue", () => {
    const all = decide([refund("c")], books(on));
    expect(movementOf(all)).toEqual([300n, 300n, 0n, 800n, 0n]);
    expect(all.recognitions).toEqual([recognized("c", 400n, 400n)]);
    expect(all.reservations).toEqual([held("r", 500n, { ...settled, refundedMinor: 450n })]);
    expect(all.revenue).toMatchObject([{ serviceId: "promotion", amountMinor: -300n }]);
    expect(all.decided).toMatchObject([{ reservationId: "r" }]);
    const parts = decide([refund("c", "1.00"), refund("c", "2.00"), refund("c", "0.01")], books(on));
    expect(parts.outcomes).toMatchObject([
      { status: "completed" },
      { status: "completed" },
      { code: "exceeds_recognized" },
    ]);
    expect(parts.recognitions).toEqual([recognized("c", 400n, 400n)]);
    expect(parts.reservations).toEqual(all.reservations);
  });

  test("of more than is left, of nothing left, or of no recognition is declined", () => {
    expectDecline(refund("c", "3.01"), on, { code: "exceeds_recognized" });
    expectDecline(refund("c"), { recognitions: [recognized("c", 400n, 400n)] }, { code: "exceeds_recognized" });
    expectDecline(refund("unknown"), on, { code: "recognition_not_found" });
  });

  test("above the limit of an account is declined", () => {
    const full = { ...on, availableMinor: ACCOUNT_LIMIT_MINOR - 299n };
    expectDecline(refund("c"), full, { code: "balance_limit_exceeded" });
  });
});
