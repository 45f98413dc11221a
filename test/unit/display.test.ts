import { describe, expect, test } from "bun:test";
import type { Standing } from "../../src/activities/index.ts";
import { DECLINE_CODES, type Outcome } from "../../src/ledger/operations.ts";
import { carrierId, carrierType } from "../../src/workflows/contract.ts";
import { describeStanding, memo, searchAttributes, summarize, summarizeOutcomes } from "../../src/workflows/display.ts";
import { deposit, transfer, withdrawal } from "../support/operations.ts";
import { expiry } from "../support/ownOperations.ts";
import { extension, recognition, refund, release, reservation } from "../support/reservationOperations.ts";

const SUMMARY_BYTES_MAX = 400;
/** What fits into one glance. */
const DETAILS_BYTES_MAX = 1_000;
const longestId = (end: string) => end.padStart(64, "W");
const longestOrder = { userId: longestId("a"), serviceId: longestId("s"), orderId: longestId("o") };
const largestAmount = "9999999999999.99";
const balance = { available: "1.00", reserved: "0.00", version: 1 };

function completed(operationId: string): Outcome {
  return { operationId, status: "completed", balance };
}

describe("what an operator reads in the Temporal Web UI", () => {
  test("a carrier remembers the requests that it was started for, of a thousand the first twenty", () => {
    const requestIds = Array.from({ length: 1_000 }, (_, index) => `request-${index}`);
    expect(memo(requestIds.slice(0, 2))).toEqual({ requestIds: ["request-0", "request-1"] });
    expect(memo(requestIds)).toEqual({ requestIds: requestIds.slice(0, 20) });
  });

  test("a lone operation is told in a sentence", () => {
    expect(summarize([deposit("alice", "150.00")], "RUB")).toBe("Deposit 150.00 RUB → alice");
    expect(summarize([withdrawal("alice", "150.00")], "RUB")).toBe("Withdrawal 150.00 RUB ← alice");
    expect(summarize([transfer("alice", "bob", "150.00")], "RUB")).toBe("Transfer 150.00 RUB alice → bob");
  });

  test("a lone operation on a reservation is told with what it is about", () => {
    const order = { userId: "alice", serviceId: "promotion", orderId: "order-1" };
    const about = "alice, service promotion, order order-1";
    expect(summarize([reservation(order, "150.00")], "RUB")).toBe(`Reservation 150.00 RUB ${about}`);
    expect(summarize([recognition({ ...order, amount: "150.00" })], "RUB")).toBe(`Recognition 150.00 RUB ${about}`);
    expect(summarize([release(order)], "RUB")).toBe(`Release ${about}`);
    expect(summarize([recognition({ reservationId: "id" })], "RUB")).toBe("Recognition of reservation id");
    expect(summarize([release({ reservationId: "id", amount: "1.00" })], "RUB")).toBe(
      "Release 1.00 RUB of reservation id",
    );
    expect(summarize([extension("id", 60)], "RUB")).toBe("Extension of reservation id");
    expect(summarize([expiry("id")], "RUB")).toBe("Expiry of reservation id");
    expect(summarize([refund("id")], "RUB")).toBe("Refund of recognition id");
  });

  test("several operations are told by how many there are of each kind", () => {
    const operations = [
      deposit("a", "1.00"),
      transfer("a", "b", "1.00"),
      deposit("b", "1.00"),
      withdrawal("b", "1.00"),
    ];
    expect(summarize(operations, "RUB")).toBe("4 operations: 2 deposit, 1 transfer, 1 withdrawal");
  });

  test("no summary is longer than 400 bytes, with the longest ids and the fullest carrier", () => {
    const longest = [
      deposit(longestId("a"), largestAmount),
      withdrawal(longestId("a"), largestAmount),
      transfer(longestId("a"), longestId("b"), largestAmount),
      reservation(longestOrder, largestAmount),
      recognition({ ...longestOrder, amount: largestAmount }),
      recognition({ reservationId: crypto.randomUUID(), amount: largestAmount }),
      release(longestOrder),
      release({ reservationId: crypto.randomUUID(), amount: largestAmount }),
      extension(crypto.randomUUID(), 2_592_000),
      refund(crypto.randomUUID(), largestAmount),
      expiry(crypto.randomUUID()),
    ];
    const full = Array.from({ length: 1_000 }, (_, index) => longest[index % longest.length]!);
    for (const operations of [...longest.map((operation) => [operation]), full]) {
      expect(Buffer.byteLength(summarize(operations, "RUB"))).toBeLessThanOrEqual(SUMMARY_BYTES_MAX);
    }
  });

  test("a lone outcome is told with its reason, several by how many there are of each", () => {
    const declined: Outcome = { operationId: "2", status: "declined", code: "insufficient_funds" };
    const mismatched: Outcome = { operationId: "3", status: "mismatched", differingFields: ["amount"] };
    expect(summarizeOutcomes([completed("1")])).toBe("Completed");
    expect(summarizeOutcomes([declined])).toBe("Declined: insufficient_funds");
    expect(summarizeOutcomes([mismatched])).toBe("Not recorded: its key stands for another request");
    expect(summarizeOutcomes([completed("1"), declined, completed("4")])).toBe(
      "2 completed, 1 declined: insufficient_funds",
    );
  });

  test("however many outcomes there are, each word of them is told once", () => {
    const everyDecline = DECLINE_CODES.map((code): Outcome => ({ operationId: code, status: "declined", code }));
    const outcomes = Array.from({ length: 200 }, () => [
      completed("1"),
      ...everyDecline,
      { operationId: "3", status: "mismatched", differingFields: [] } satisfies Outcome,
    ]).flat();
    const text = summarizeOutcomes(outcomes);
    expect(text.split(", ")).toHaveLength(DECLINE_CODES.length + 2);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(DETAILS_BYTES_MAX);
  });
});

describe("how a saga's reservations stand", () => {
  const nothing = { recognized: "0.00", released: "0.00", expired: "0.00" };
  const due = { inMs: 1, at: "2026-11-23T14:05:59.999Z" };

  test.each<[string, Standing]>([
    [
      "Reserved 40.00, 40.00 until 2026-11-23 14:05 UTC.",
      { ...nothing, reserved: "40.00", remaining: "40.00", openReservationIds: ["1"], due },
    ],
    [
      "Reserved 40.00, recognized 10.00, 30.00 until 2026-11-23 14:05 UTC.",
      { ...nothing, reserved: "40.00", recognized: "10.00", remaining: "30.00", openReservationIds: ["1"], due },
    ],
    [
      "Reserved 40.00, recognized 10.00, released 20.00, expired 5.00, 5.00 until 2026-11-23 14:05 UTC. Open reservations: 2; the earliest deadline is shown.",
      {
        ...{ reserved: "40.00", recognized: "10.00", released: "20.00", expired: "5.00", remaining: "5.00" },
        openReservationIds: ["1", "2"],
        due,
      },
    ],
    [
      "Reserved 40.00, 40.00 until 2026-11-23 14:05 UTC. The ledger refuses to expire 1: see its alerts.",
      { ...nothing, reserved: "40.00", remaining: "40.00", openReservationIds: ["1"], due, refusedIds: ["1"] },
    ],
    [
      "Reserved 40.00, 40.00 until 2026-11-23 14:05 UTC. The ledger refuses to expire 1 and 2 more: see its alerts. Open reservations: 3; the earliest deadline is shown.",
      {
        ...{ ...nothing, reserved: "40.00", remaining: "40.00" },
        ...{ openReservationIds: ["1", "2", "3"], due, refusedIds: ["1", "2", "3"] },
      },
    ],
    [
      "Reserved 40.00, released 40.00. Settled.",
      { ...nothing, reserved: "40.00", released: "40.00", remaining: "0.00", openReservationIds: [] },
    ],
  ])("%p", (text, standing) => {
    expect(describeStanding(standing)).toBe(text);
  });
});

describe("what a carrier is found by", () => {
  test("its kinds and its users, each once", () => {
    const operations = [transfer("a", "b", "1.00"), transfer("b", "a", "1.00"), deposit("a", "1.00")];
    expect(values(searchAttributes(operations))).toEqual({
      OperationKind: ["transfer", "deposit"],
      UserId: ["a", "b"],
    });
  });

  test("20 users are named, 21 are left out, the kinds never", () => {
    const deposits = Array.from({ length: 21 }, (_, index) => deposit(`user-${index}`, "1.00"));
    expect(values(searchAttributes(deposits.slice(0, 20))).UserId).toHaveLength(20);
    expect(values(searchAttributes(deposits))).toEqual({ OperationKind: ["deposit"] });
  });

  test("its orders, where they are few, and its reservation, where it is one: its own, or the one that it names", () => {
    const order = { userId: "alice", serviceId: "promotion", orderId: "order-1" };
    const made = reservation(order, "1.00");
    expect(values(searchAttributes([made]))).toEqual({
      OperationKind: ["reservation"],
      UserId: ["alice"],
      OrderId: ["order-1"],
      ReservationId: made.operationId,
    });
    for (const operation of [
      recognition({ reservationId: "id" }),
      release({ reservationId: "id" }),
      extension("id", 60),
      expiry("id"),
    ]) {
      expect(values(searchAttributes([operation]))).toEqual({ OperationKind: [operation.kind], ReservationId: "id" });
    }
    expect(values(searchAttributes([made, recognition({ reservationId: made.operationId })])).ReservationId).toBe(
      made.operationId,
    );
    expect(values(searchAttributes([made, reservation(order, "2.00")])).ReservationId).toBeUndefined();
    expect(values(searchAttributes([refund("id")]))).toEqual({ OperationKind: ["refund"] });
  });

  test("20 orders are named, 21 are left out", () => {
    const list = Array.from({ length: 21 }, (_, index) =>
      reservation({ userId: "alice", serviceId: "promotion", orderId: `order-${index}` }, "1.00"),
    );
    expect(values(searchAttributes(list.slice(0, 20))).OrderId).toHaveLength(20);
    expect(values(searchAttributes(list))).toEqual({ OperationKind: ["reservation"], UserId: ["alice"] });
  });

  test("a list that reserves is a saga, by its type and by its id; one that does not is a carrier", () => {
    const made = reservation({ userId: "a", serviceId: "s", orderId: "o" }, "1.00");
    expect(carrierType([deposit("a", "1.00"), made])).toBe("reservation");
    expect(carrierType([deposit("a", "1.00"), release({ reservationId: "id" })])).toBe("carrier");
    expect(carrierId([made], () => "unique")).toBe(`reservation-${made.operationId}`);
    expect(carrierId([made, deposit("a", "1.00")], () => "unique")).toBe("reservations-unique");
  });

  test("the id of a lone operation's carrier names the operation, a shared one's is its own", () => {
    const [one, other] = [deposit("a", "1.00"), transfer("a", "b", "1.00")];
    expect(carrierId([one], () => "unique")).toBe(`deposit-${one.operationId}`);
    expect(carrierId([other], () => "unique")).toBe(`transfer-${other.operationId}`);
    expect(carrierId([one, other], () => "unique")).toBe("carrier-unique");
  });
});

function values(attributes: ReturnType<typeof searchAttributes>): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key.name, value]));
}
