import { describe, expect, test } from "bun:test";
import type { SagaSummary } from "../../src/activities/index.ts";
import { DECLINE_CODES, type Operation } from "../../src/ledger/operations.ts";
import { carrierId, carrierType } from "../../src/workflows/contract.ts";
import {
  describeCounts,
  describeSaga,
  memo,
  searchAttributes,
  searchValues,
  summarize,
} from "../../src/workflows/display.ts";
import { deposit, transfer, withdrawal } from "../support/ledger/operations.ts";
import {
  expiry,
  extension,
  recognition,
  refund,
  release,
  reservation,
} from "../support/ledger/reservationOperations.ts";

const SUMMARY_BYTES_MAX = 400;
/** Fits on the workflow's page without scrolling. */
const DETAILS_BYTES_MAX = 1_000;
const longestId = (end: string) => end.padStart(64, "W");
const longestOrder = { userId: longestId("a"), serviceId: longestId("s"), orderId: longestId("o") };
const largestAmount = "9999999999999.99";

describe("the summary in the Temporal Web UI", () => {
  test("a carrier's memo has the ids of its requests, at most twenty", () => {
    const requestIds = Array.from({ length: 1_000 }, (_, index) => `request-${index}`);
    expect(memo(requestIds.slice(0, 2))).toEqual({ requestIds: ["request-0", "request-1"] });
    expect(memo(requestIds)).toEqual({ requestIds: requestIds.slice(0, 20) });
  });

  test("a single operation is summarized in a sentence", () => {
    expect(summarize([deposit("alice", "150.00")], "RUB")).toBe("Deposit 150.00 RUB → alice");
    expect(summarize([withdrawal("alice", "150.00")], "RUB")).toBe("Withdrawal 150.00 RUB ← alice");
    expect(summarize([transfer("alice", "bob", "150.00")], "RUB")).toBe("Transfer 150.00 RUB alice → bob");
  });

  test("a single operation on a reservation shows user, service and order, or the reservation's id", () => {
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

  test("several operations are summarized by the first and the number of others", () => {
    const operations = [transfer("a", "b", "1.00"), deposit("a", "1.00"), withdrawal("b", "1.00")];
    expect(summarize(operations, "RUB")).toBe("Transfer 1.00 RUB a → b and 2 more");
    expect(summarize([], "RUB")).toBe("");
  });

  test("no summary exceeds 400 bytes, even with the longest ids and a full carrier", () => {
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
    const rotated = longest.map((one) => [one, ...full.slice(1)]);
    for (const operations of [...longest.map((operation) => [operation]), ...rotated]) {
      expect(Buffer.byteLength(summarize(operations, "RUB"))).toBeLessThanOrEqual(SUMMARY_BYTES_MAX);
    }
  });

  test("a single outcome is shown with its kind and its reason", () => {
    const lone = (outcome: (typeof DECLINE_CODES)[number] | "completed" | "mismatched") =>
      describeCounts([{ kind: "transfer", outcome, count: 1 }]);
    expect(lone("completed")).toBe("Transfer completed.");
    expect(lone("insufficient_funds")).toBe("Transfer declined: insufficient_funds.");
    expect(lone("mismatched")).toBe("Transfer not recorded: its key belongs to another request.");
  });

  test("several outcomes are counted by kind and reason, with totals", () => {
    const counts = [
      { kind: "transfer", outcome: "completed", count: 41 },
      { kind: "transfer", outcome: "insufficient_funds", count: 1 },
      { kind: "deposit", outcome: "mismatched", count: 2 },
    ] as const;
    expect(describeCounts(counts)).toBe(
      "44 operations: 41 transfer completed, 1 transfer declined: insufficient_funds, " +
        "2 deposit not recorded: its key belongs to another request.",
    );
    expect(describeCounts(counts.slice(0, 1))).toBe("41 operations: 41 transfer completed.");
  });

  test("a count of ten or more is shown in full", () => {
    expect(describeCounts([{ kind: "deposit", outcome: "completed", count: 10 }])).toBe(
      "10 operations: 10 deposit completed.",
    );
  });

  test("a carrier of one kind with every outcome has short details", () => {
    const counts = (["completed", "mismatched", ...DECLINE_CODES] as const).map(
      (outcome) => ({ kind: "recognition", outcome, count: 1_000 }) as const,
    );
    expect(Buffer.byteLength(describeCounts(counts))).toBeLessThanOrEqual(DETAILS_BYTES_MAX);
  });
});

describe("the details of a saga", () => {
  const nothing = { recognized: "0.00", released: "0.00", expired: "0.00" };
  const due = { inMs: 1, at: "2026-11-23T14:05:59.999Z" };

  test.each<[string, SagaSummary]>([
    [
      "Reserved 40.00, 40.00 until 2026-11-23 14:05 UTC.",
      { ...nothing, reserved: "40.00", remaining: "40.00", openCount: 1, due },
    ],
    [
      "Reserved 40.00, recognized 10.00, 30.00 until 2026-11-23 14:05 UTC.",
      { ...nothing, reserved: "40.00", recognized: "10.00", remaining: "30.00", openCount: 1, due },
    ],
    [
      "Reserved 40.00, recognized 10.00, released 20.00, expired 5.00, 5.00 until 2026-11-23 14:05 UTC. Open reservations: 2; the earliest deadline is shown.",
      {
        ...{ reserved: "40.00", recognized: "10.00", released: "20.00", expired: "5.00", remaining: "5.00" },
        openCount: 2,
        due,
      },
    ],
    [
      "Reserved 40.00, 40.00 until 2026-11-23 14:05 UTC. The ledger refuses to expire 1: see its alerts.",
      {
        ...nothing,
        reserved: "40.00",
        remaining: "40.00",
        openCount: 1,
        due,
        refused: { count: 1, reservationId: "1" },
      },
    ],
    [
      "Reserved 40.00, 40.00 until 2026-11-23 14:05 UTC. The ledger refuses to expire 1 and 2 more: see its alerts. Open reservations: 3; the earliest deadline is shown.",
      {
        ...{ ...nothing, reserved: "40.00", remaining: "40.00" },
        ...{ openCount: 3, due, refused: { count: 3, reservationId: "1" } },
      },
    ],
    [
      "Reserved 40.00, released 40.00. Settled.",
      { ...nothing, reserved: "40.00", released: "40.00", remaining: "0.00", openCount: 0 },
    ],
    [
      "Reserved 40.00, 40.00 overdue. The ledger refuses to expire 1: see its alerts.",
      {
        ...{ ...nothing, reserved: "40.00", remaining: "40.00", openCount: 1, due: { inMs: 600_000 } },
        refused: { count: 1, reservationId: "1" },
      },
    ],
  ])("%p", (text, summary) => {
    expect(describeSaga(summary)).toBe(text);
  });
});

describe("the search attributes of a carrier", () => {
  test("are its kinds and its users, each once", () => {
    const operations = [transfer("a", "b", "1.00"), transfer("b", "a", "1.00"), deposit("a", "1.00")];
    expect(values(operations)).toEqual({
      OperationKind: ["transfer", "deposit"],
      UserId: ["a", "b"],
    });
  });

  test("include 20 users, none where there are 21, and always the kinds", () => {
    const deposits = Array.from({ length: 21 }, (_, index) => deposit(`user-${index}`, "1.00"));
    expect(values(deposits.slice(0, 20)).UserId).toHaveLength(20);
    expect(values(deposits)).toEqual({ OperationKind: ["deposit"] });
  });

  test("include a few orders, and a single reservation, opened or referred to", () => {
    const order = { userId: "alice", serviceId: "promotion", orderId: "order-1" };
    const made = reservation(order, "1.00");
    expect(values([made])).toEqual({
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
      expect(values([operation])).toEqual({ OperationKind: [operation.kind], ReservationId: "id" });
    }
    expect(values([made, recognition({ reservationId: made.operationId })]).ReservationId).toBe(made.operationId);
    expect(values([made, reservation(order, "2.00")]).ReservationId).toBeUndefined();
    expect(values([refund("id")])).toEqual({ OperationKind: ["refund"] });
  });

  test("include 20 orders, and none where there are 21", () => {
    const list = Array.from({ length: 21 }, (_, index) =>
      reservation({ userId: "alice", serviceId: "promotion", orderId: `order-${index}` }, "1.00"),
    );
    expect(values(list.slice(0, 20)).OrderId).toHaveLength(20);
    expect(values(list)).toEqual({ OperationKind: ["reservation"], UserId: ["alice"] });
  });

  test("include pulled operations, unless a list would have more than 20 values", () => {
    const found = {
      kinds: ["deposit" as const],
      userIds: Array.from({ length: 21 }, (_, index) => `${index}`),
      orderIds: ["order-1"],
      reservationIds: ["r1", "r2"],
    };
    expect(attributesOf(found)).toEqual({ OperationKind: ["deposit"], OrderId: ["order-1"] });
  });
});

describe("a carrier's type and id", () => {
  test("a list that reserves is a saga, named after its first reservation", () => {
    const [first, second] = ["1", "2"].map((orderId) =>
      reservation({ userId: "a", serviceId: "s", orderId }, "1.00"),
    ) as [Operation, Operation];
    const list = [deposit("a", "1.00"), first, second];
    expect(carrierType(list)).toBe("reservation");
    expect(carrierId(list, () => "unique")).toBe(`reservation-${first.operationId}`);
    expect(carrierId([second], () => "unique")).toBe(`reservation-${second.operationId}`);
  });

  test("any other list is a carrier with a unique id", () => {
    for (const list of [[deposit("a", "1.00")], [deposit("a", "1.00"), release({ reservationId: "id" })]]) {
      expect(carrierType(list)).toBe("carrier");
      expect(carrierId(list, () => "unique")).toBe("carrier-unique");
    }
  });
});

function attributesOf(found: Parameters<typeof searchAttributes>[0]): Record<string, unknown> {
  return Object.fromEntries(searchAttributes(found).map(({ key, value }) => [key.name, value]));
}

function values(operations: readonly Operation[]): Record<string, unknown> {
  return attributesOf(searchValues(operations));
}
