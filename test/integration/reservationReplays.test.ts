import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Operation } from "../../src/ledger/operations.ts";
import { findBrokenPromises } from "../support/audit/promises.ts";
import { operation } from "../support/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { extension, recognition, refund, release, reservation } from "../support/ledger/reservationOperations.ts";

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("reservation_replays");
});

afterEach(async () => {
  expect(await findBrokenPromises(ledger.owner)).toEqual([]);
});

afterAll(() => ledger.close());

/** One of each kind, completed and declined, the settlements by fields and by id. */
async function oneOfEach(): Promise<Operation[]> {
  const order = await ledger.fundedOrder("100.00");
  const [first, second, third] = [reservation(order, "1.00"), reservation(order, "2.00"), reservation(order, "3.00")];
  const byFields = recognition({ ...order, amount: "1.00" });
  return [
    first,
    second,
    third,
    reservation(order, "1000.00"),
    recognition({ ...order, amount: "9.00" }),
    release(order),
    byFields,
    extension(second.operationId, 7_200),
    recognition({ reservationId: second.operationId, amount: "0.50", final: false }),
    recognition({ reservationId: second.operationId, amount: "5.00" }),
    release({ reservationId: second.operationId, amount: "0.50" }),
    release({ reservationId: third.operationId }),
    release({ reservationId: third.operationId }),
    extension(third.operationId, 60),
    refund(byFields.operationId, "0.25"),
    refund(byFields.operationId, "0.76"),
    refund(crypto.randomUUID()),
    release(order),
  ];
}

describe("the same operation again", () => {
  test("has its stored outcome, whole and in any carrier, though the world has moved on, and moves nothing", async () => {
    const operations = await oneOfEach();
    const outcomes = await ledger.postAll(...operations);
    expect(outcomes.map((one) => (one.status === "declined" ? one.code : one.status))).toEqual([
      "completed",
      "completed",
      "completed",
      "insufficient_funds",
      "amount_mismatch",
      "reservation_ambiguous",
      "completed",
      "completed",
      "completed",
      "exceeds_remaining",
      "completed",
      "completed",
      "reservation_settled",
      "reservation_settled",
      "completed",
      "exceeds_recognized",
      "recognition_not_found",
      "completed",
    ]);
    for (const code of ["amount_mismatch", "reservation_ambiguous"]) {
      const declined = outcomes.find((one) => one.status === "declined" && one.code === code)!;
      const [stored] = await ledger.findOperations([declined.operationId]);
      const reservationIds = operations.slice(0, 3).map(({ operationId }) => operationId);
      expect(stored!.decline).toEqual({ code, reservationIds } as never);
    }

    const before = await ledger.rows("select count(*) from entries");
    const again = await ledger.postAll(...operations.toReversed());
    expect(again.toReversed()).toEqual(outcomes);
    for (const [index, one] of operations.entries()) {
      expect(await ledger.postAll(one)).toEqual([outcomes[index]!]);
    }
    expect(await ledger.rows("select count(*) from entries")).toEqual(before);
  });

  test("twice in one list is done once and answered twice", async () => {
    const order = await ledger.fundedOrder("10.00");
    const reserved = reservation(order, "4.00");
    const recognized = recognition({ reservationId: reserved.operationId, amount: "1.00", final: false });
    const outcomes = await ledger.postAll(reserved, recognized, reserved, recognized);
    expect(outcomes.slice(2)).toEqual(outcomes.slice(0, 2));
    expect(await ledger.partsOf(reserved.operationId)).toEqual(["1.00", "0.00", "0.00", "3.00"]);
  });

  test("makes no second outbox row: the events are those of the carrier that stored it", async () => {
    const operations = await oneOfEach();
    const first = await ledger.post("the-storing-carrier", operations);
    const again = await ledger.post("the-repeating-carrier", operations);
    const moved = new Set(first.entries.map(({ operationId }) => operationId));
    expect(new Set((await ledger.outboxOf("the-storing-carrier")).flat())).toEqual(moved);
    expect(await ledger.outboxOf("the-repeating-carrier")).toEqual([]);
    expect(again).toMatchObject({ operations: [], entries: [], balances: [], outboxIds: [] });
    expect(again.stored.map(({ workflowId }) => workflowId)).toEqual(operations.map(() => "the-storing-carrier"));
  });
});

describe("the same key with another request", () => {
  test("is a mismatch that names what differs, is not recorded and moves nothing", async () => {
    const order = await ledger.fundedOrder("10.00");
    const [key, settleKey] = [crypto.randomUUID(), crypto.randomUUID()];
    const reserved = reservation(order, "4.00", { ttlSeconds: 60 }, key);
    const reservationId = reserved.operationId;
    const settled = recognition({ reservationId, amount: "1.00", final: false }, settleKey);
    await ledger.postAll(reserved, settled);
    const entries = await ledger.entriesOf(order.userId);

    const mismatches: [Operation, string[]][] = [
      [reservation(order, "4.01", { ttlSeconds: 60 }, key), ["amount"]],
      [reservation(order, "4.00", { ttlSeconds: 61 }, key), ["ttlSeconds"]],
      [reservation(order, "4.00", {}, key), ["ttlSeconds"]],
      [
        reservation({ ...order, orderId: "another" }, "4.00", { ttlSeconds: 60, comment: "new" }, key),
        ["comment", "orderId"],
      ],
      [recognition({ reservationId, amount: "1.00" }, settleKey), ["final"]],
      [recognition({ reservationId, amount: "1.00", final: true }, settleKey), ["final"]],
      [recognition({ reservationId, final: false }, settleKey), ["amount"]],
      [release({ reservationId, amount: "1.00" }, settleKey), ["final", "kind"]],
      [
        operation({ kind: "refund", request: { recognitionId: reservationId, amount: "1.00" } }, settleKey),
        ["final", "kind", "recognitionId", "reservationId"],
      ],
    ];
    for (const [asked, fields] of mismatches) {
      const outcome = await ledger.postOne(asked);
      expect(outcome).toMatchObject({ operationId: asked.operationId, status: "mismatched" });
      expect(outcome.differingFields?.toSorted()).toEqual(fields);
    }
    expect(await ledger.entriesOf(order.userId)).toEqual(entries);
    expect(await ledger.partsOf(reservationId)).toEqual(["1.00", "0.00", "0.00", "3.00"]);
  });
});
