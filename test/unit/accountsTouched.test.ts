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

describe("the accounts that a list locks", () => {
  test("are those of all users that it names, each once", () => {
    const list = [transfer("alice", "bob", "1.00"), deposit("carol", "1.00"), withdrawal("bob", "1.00")];
    expect(userIdsTouched(list, none)).toEqual(["alice", "bob", "carol"]);
  });

  test("include the owner of a reservation given by its fields", () => {
    for (const operation of [reservation(held, "1.00"), recognition({ ...held, amount: "1.00" }), release(held)]) {
      expect(userIdsTouched([operation], none)).toEqual(["alice"]);
    }
  });

  test("include the owners of stored reservations and recognitions given by their ids", () => {
    const owners = new Map([
      ["reservation", "alice"],
      ["recognition", "bob"],
    ]);
    for (const operation of byId("reservation")) expect(userIdsTouched([operation], owners)).toEqual(["alice"]);
    expect(userIdsTouched([refund("recognition")], owners)).toEqual(["bob"]);
  });

  test("include none for an unknown id", () => {
    expect(userIdsTouched([...byId("unknown"), refund("unknown")], none)).toEqual([]);
  });

  test("include the owners of reservations and recognitions created earlier in the list", () => {
    const made = reservation(held, "1.00");
    const recognized = recognition({ reservationId: made.operationId });
    const list = [made, recognized, refund(recognized.operationId)];
    expect(userIdsTouched(list, none)).toEqual(["alice"]);
    expect(userIdsTouched(list.slice(1), new Map([[made.operationId, "bob"]]))).toEqual(["bob"]);
    const byFields = recognition({ ...held, userId: "carol", amount: "1.00" });
    expect(userIdsTouched([byFields, refund(byFields.operationId)], none)).toEqual(["carol"]);
  });

  test("include no owner for a reservation that the list creates only later", () => {
    const made = reservation(held, "1.00");
    expect(userIdsTouched([release({ reservationId: made.operationId }), made], none)).toEqual(["alice"]);
    expect(userIdsTouched([release({ reservationId: made.operationId })], none)).toEqual([]);
  });
});

describe("the ids whose owners must be read first", () => {
  test("are the reservation and recognition ids of the list, each once", () => {
    const list = [...byId("one"), ...byId("one"), refund("two"), deposit("alice", "1.00"), reservation(held, "1.00")];
    expect(referencedIds(list)).toEqual(["one", "two"]);
  });
});

describe("the accounts that a list may create", () => {
  test("are those of a deposit's user and of a transfer's receiver, each once, and no others", () => {
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
  test("are both users of a transfer, the one user of other kinds, and none where an id is given", () => {
    expect(requestUserIds(transfer("alice", "bob", "1.00"))).toEqual(["alice", "bob"]);
    for (const operation of [deposit("alice", "1.00"), withdrawal("alice", "1.00"), release(held)]) {
      expect(requestUserIds(operation)).toEqual(["alice"]);
    }
    for (const operation of [...byId("one"), refund("two")]) expect(requestUserIds(operation)).toEqual([]);
  });
});

/** An operation of every kind that names a reservation by its id. */
function byId(reservationId: string) {
  return [
    recognition({ reservationId }),
    release({ reservationId }),
    extension(reservationId, 60),
    expiry(reservationId),
  ];
}
