import { describe, expect, test } from "bun:test";
import { summarizeSaga } from "../../src/activities/sagaSummary.ts";
import type { SagaReservations } from "../../src/ledger/records.ts";

const clock = new Date("2026-11-23T12:00:00.000Z");
const inSeconds = (seconds: number) => new Date(clock.getTime() + seconds * 1_000);

const open: SagaReservations = {
  reservedMinor: 4_000n,
  recognizedMinor: 1_000n,
  releasedMinor: 500n,
  expiredMinor: 1n,
  remainingMinor: 2_499n,
  openCount: 1,
  openReservationId: "r1",
  nextDeadline: inSeconds(90),
  refusedCount: 0,
  refusedReservationId: null,
  settlements: [],
  clock,
};

test("a saga's summary has decimal strings, the only open reservation and its deadline", () => {
  expect(summarizeSaga(open)).toEqual({
    reserved: "40.00",
    recognized: "10.00",
    released: "5.00",
    expired: "0.01",
    remaining: "24.99",
    openCount: 1,
    onlyOpenId: "r1",
    due: { inMs: 90_000, at: "2026-11-23T12:01:30.000Z" },
  });
});

test("a saga's summary has its last settlements with amount, origin and reason", () => {
  const settlements = [
    { kind: "release", amountMinor: 500n, by: "olga", reason: "Given up", at: clock },
    { kind: "expiry", amountMinor: 1n, by: "sweep", reason: null, at: clock },
  ] as const;
  expect(summarizeSaga({ ...open, settlements: [...settlements] }).settlements).toEqual([
    { kind: "release", amount: "5.00", by: "olga", reason: "Given up", at: "2026-11-23T12:00:00.000Z" },
    { kind: "expiry", amount: "0.01", by: "sweep", at: "2026-11-23T12:00:00.000Z" },
  ]);
  expect(Object.keys(summarizeSaga(open))).not.toContain("settlements");
});

test("a saga's summary names no reservation where several are open", () => {
  const { openCount, onlyOpenId, due } = summarizeSaga({ ...open, openCount: 2 });
  expect({ openCount, onlyOpenId, due }).toMatchObject({ openCount: 2, onlyOpenId: undefined, due: { inMs: 90_000 } });
});

test("a saga's summary has no deadline where no reservation is open", () => {
  const summary = summarizeSaga({ ...open, openCount: 0, openReservationId: null, nextDeadline: null });
  expect(Object.keys(summary)).not.toContain("due");
  expect(Object.keys(summary)).not.toContain("onlyOpenId");
});

test("a saga's summary shows a past deadline as due now", () => {
  expect(summarizeSaga({ ...open, nextDeadline: inSeconds(-90) }).due).toEqual({
    inMs: 0,
    at: "2026-11-23T11:58:30.000Z",
  });
});

describe("a reservation that the ledger refuses to expire", () => {
  const refusing = { ...open, refusedCount: 2, refusedReservationId: "r1" };

  test("is named, and the number of them is given", () => {
    expect(summarizeSaga(refusing).refused).toEqual({ count: 2, reservationId: "r1" });
    expect(Object.keys(summarizeSaga(open))).not.toContain("refused");
  });

  test("is retried in ten minutes where nothing else is open", () => {
    expect(summarizeSaga({ ...refusing, nextDeadline: null }).due).toEqual({ inMs: 600_000 });
  });

  test("is retried in ten minutes, or at the next deadline where that is earlier", () => {
    expect(summarizeSaga({ ...refusing, nextDeadline: inSeconds(601) }).due?.inMs).toBe(600_000);
    expect(summarizeSaga({ ...refusing, nextDeadline: inSeconds(90) }).due?.inMs).toBe(90_000);
    expect(summarizeSaga({ ...open, nextDeadline: inSeconds(601) }).due?.inMs).toBe(601_000);
  });
});
