import { describe, expect, test } from "bun:test";
import { referencedIds, requestUserIds, userIdsCredited, userIdsTouched } from "../../src/ledger/accountsTouched.ts";
import { deposit, transfer, withdrawal } from "../support/ledger/operations.ts";
import {
  expiry,
  extension,
  recognition,
  refund,
  release,
  reservation,
} from "../support/ledger/reservationOperations.ts";

const held = { userId: "alice", serviceId: "promotion", orderId: "order-1" };
const none = new Map<string, string>();

describe("the accounts that a list touches", () => {
  test("those of both users of a transfer, and of everyone else who is named, each once", () => {
    const list = [transfer("alice", "bob", "1.00"), deposit("carol", "1.00"), withdrawal("bob", "1.00")];
    expect(userIdsTouched(list, none)).toEqual(["alice", "bob", "carol"]);
  });

  test("the owner of a reservation that is named by its fields", () => {
    for (const operation of [reservation(held, "1.00"), recognition({ ...held, amount: "1.00" }), release(held)]) {
      expect(userIdsTouched([operation], none)).toEqual(["alice"]);
    }
  });

  test("the owners of stored reservations and recognitions that are named by their ids", () => {
    const owners = new Map([
      ["reservation", "alice"],
      ["recognition", "bob"],
    ]);
    for (const operation of byId("reservation")) expect(userIdsTouched([operation], owners)).toEqual(["alice"]);
    expect(userIdsTouched([refund("recognition")], owners)).toEqual(["bob"]);
  });

  test("nobody's where an id is unknown", () => {
    expect(userIdsTouched([...byId("unknown"), refund("unknown")], none)).toEqual([]);
  });

  test("the owners of what is made earlier in the list: reserve, recognize by the reservation's id, refund by the recognition's", () => {
    const made = reservation(held, "1.00");
    const recognized = recognition({ reservationId: made.operationId });
    const list = [made, recognized, refund(recognized.operationId)];
    expect(userIdsTouched(list, none)).toEqual(["alice"]);
    expect(userIdsTouched(list.slice(1), new Map([[made.operationId, "bob"]]))).toEqual(["bob"]);
    const byFields = recognition({ ...held, userId: "carol", amount: "1.00" });
    expect(userIdsTouched([byFields, refund(byFields.operationId)], none)).toEqual(["carol"]);
  });

  test("what is named before it is made has no owner yet", () => {
    const made = reservation(held, "1.00");
    expect(userIdsTouched([release({ reservationId: made.operationId }), made], none)).toEqual(["alice"]);
    expect(userIdsTouched([release({ reservationId: made.operationId })], none)).toEqual([]);
  });
});

describe("what must be known before that", () => {
  test("the owners of all ids that are named, each once, and of nothing else", () => {
    const list = [...byId("one"), ...byId("one"), refund("two"), deposit("alice", "1.00"), reservation(held, "1.00")];
    expect(referencedIds(list)).toEqual(["one", "two"]);
  });
});

describe("the accounts that appear with a list", () => {
  test("a deposit's user and a transfer's receiver, each once; nobody else is credited from outside", () => {
    const list = [
      deposit("alice", "1.00"),
      deposit("alice", "1.00"),
      transfer("bob", "carol", "1.00"),
      withdrawal("dave", "1.00"),
      reservation({ ...held, userId: "erin" }, "1.00"),
      ...byId("one"),
      refund("two"),
    ];
    expect(userIdsCredited(list)).toEqual(["alice", "carol"]);
  });
});

describe("the users that an operation names", () => {
  test("both of a transfer, the one of all that name one, none where an id is named", () => {
    expect(requestUserIds(transfer("alice", "bob", "1.00"))).toEqual(["alice", "bob"]);
    for (const operation of [deposit("alice", "1.00"), withdrawal("alice", "1.00"), release(held)]) {
      expect(requestUserIds(operation)).toEqual(["alice"]);
    }
    for (const operation of [...byId("one"), refund("two")]) expect(requestUserIds(operation)).toEqual([]);
  });
});

/** Every kind that names a reservation by its id. */
function byId(reservationId: string) {
  return [
    recognition({ reservationId }),
    release({ reservationId }),
    extension(reservationId, 60),
    expiry(reservationId),
  ];
}
