import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PoolClient } from "pg";
import type { Operation, ReservationFields } from "../../src/ledger/operations.ts";
import { race } from "../support/ledger/barrier.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { createReservationLedger, type ReservationLedger } from "../support/ledger/reservationLedger.ts";
import { reservation } from "../support/ledger/reservationOperations.ts";
import { tally, wordOf } from "../support/ledger/testLedger.ts";

let ledger: ReservationLedger;

beforeAll(async () => {
  ledger = await createReservationLedger("services");
});

afterAll(() => ledger.close());

async function nameOf(serviceId: string): Promise<string | undefined> {
  const [row] = await ledger.rows<{ name: string }>("select name from services where service_id = $1", [serviceId]);
  return row?.name;
}

function named(order: ReservationFields, serviceName?: string, key?: string): Operation {
  return reservation(order, "1.00", serviceName === undefined ? {} : { serviceName }, key);
}

describe("a name given at a reservation", () => {
  test("registers an unknown service, with the first name of the list", async () => {
    const order = await ledger.fundedOrder("10.00");
    const other = { ...order, serviceId: uniqueUserId("service") };
    await ledger.postAll(named(order), named(other, "Other"), named(order, "First"), named(order, "Second"));
    expect([await nameOf(order.serviceId), await nameOf(other.serviceId)]).toEqual(["First", "Other"]);
  });

  test("never renames a known service", async () => {
    const order = await ledger.fundedOrder("10.00");
    await ledger.nameService({ serviceId: order.serviceId, name: "Known" });
    expect(wordOf(await ledger.postOne(named(order, "New")))).toBe("completed");
    expect(await nameOf(order.serviceId)).toBe("Known");
  });

  test("registers nothing if the reservation is declined, mismatched or a replay", async () => {
    const order = await ledger.fundedOrder("0.50");
    const key = crypto.randomUUID();
    expect(wordOf(await ledger.postOne(named(order, "Declined")))).toBe("insufficient_funds");
    const rich = await ledger.fundedOrder("10.00");
    const first = named(rich, "Registered", key);
    await ledger.postOne(first);
    await ledger.rows("delete from services where service_id = $1", [rich.serviceId]);
    expect(wordOf(await ledger.postOne(first))).toBe("completed");
    expect(wordOf(await ledger.postOne(named(rich, "Another", key)))).toBe("mismatched");
    expect([await nameOf(order.serviceId), await nameOf(rich.serviceId)]).toEqual([undefined, undefined]);
  });

  test("that only PostgreSQL refuses is stored as a decline, and its neighbours complete", async () => {
    const order = await ledger.fundedOrder("10.00");
    const outcomes = await ledger.postAll(named(order, "x".repeat(201)), named(order, "Good"));
    expect(outcomes.map(wordOf)).toEqual(["refused_by_ledger", "completed"]);
    expect(await nameOf(order.serviceId)).toBe("Good");
  });
});

test("two carriers that register the same new services in opposite orders do not deadlock", async () => {
  const [a, b, last] = ["a", "b", "c"].map((name) => uniqueUserId(name)) as [string, string, string];
  const orders = [await ledger.fundedOrder("10.00"), await ledger.fundedOrder("10.00")] as const;
  const lists = [
    [a, last, b].map((serviceId) => named({ ...orders[0], serviceId }, "One")),
    [b, last, a].map((serviceId) => named({ ...orders[1], serviceId }, "Two")),
  ];
  const registerLast = (client: PoolClient) =>
    client.query("insert into services (service_id, name) values ($1, 'Held')", [last]);
  const { outcomes, rollbacks, deadlocks } = await race(ledger, registerLast, lists);
  expect(tally(outcomes.flat().map(wordOf))).toEqual({ completed: 6 });
  expect({ rollbacks, deadlocks }).toEqual({ rollbacks: 0, deadlocks: 0 });
  const names = await Promise.all([a, b, last].map(nameOf));
  expect(new Set(names).size).toBe(1);
});

describe("services", () => {
  test("are named, renamed, and listed in pages in the order of ids, byte for byte", async () => {
    await ledger.rows("truncate services");
    for (const serviceId of ["b", "a", "B", "a.", "10", "9", "a-"]) {
      await ledger.nameService({ serviceId, name: `Named ${serviceId}` });
    }
    await ledger.nameService({ serviceId: "b", name: "Renamed" });
    expect(await ledger.listServices(undefined, 2)).toEqual([
      { serviceId: "10", name: "Named 10" },
      { serviceId: "9", name: "Named 9" },
    ]);
    const rest = await ledger.listServices("9", 100);
    expect(rest.map(({ serviceId }) => serviceId)).toEqual(["B", "a", "a-", "a.", "b"]);
    expect(rest.at(-1)).toEqual({ serviceId: "b", name: "Renamed" });
    expect(await ledger.listServices("b", 100)).toEqual([]);
  });
});
