import { expect, test } from "bun:test";
import { ADDED_LATER, findDifferences } from "../../src/kafka/comparison.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { toMessage } from "../support/kafka/message.ts";
import { NO_TEXTS } from "../support/ledger/absentFields.ts";

const entry: StoredEntry = {
  ...{ userId: "maria", version: 1, operationId: crypto.randomUUID(), workflowId: "carrier", kind: "deposit" },
  ...{ amountMinor: 100n, availableDeltaMinor: 100n, reservedDeltaMinor: 0n, availableAfterMinor: 100n },
  ...{ reservedAfterMinor: 0n, counterpartyUserId: null, reservationId: null, serviceId: null, orderId: null },
  ...{ ...NO_TEXTS, reference: "R-1", metadata: { a: "1" }, createdAt: new Date(0) },
};
const { key, value } = toMessage(entry);
const { data, ...head } = JSON.parse(value);

function differencesOf(changedHead: object, changedData: object): string[] {
  return findDifferences(
    { key, value: JSON.stringify({ ...head, ...changedHead, data: { ...data, ...changedData } }) },
    entry,
    "RUB",
  );
}

test.each(Object.keys(data))("an event of this release that lacks %s differs in it, except in its sentence", (name) => {
  expect(differencesOf({}, { [name]: undefined })).toEqual(name === "description" ? [] : [`data.${name}`]);
});

test("an event of release 0.2.0 does not differ by the fields that it lacks, and differs by another amount", () => {
  const absent = Object.fromEntries([...ADDED_LATER].map((name) => [name, undefined]));
  expect(differencesOf({ dataschema: undefined }, absent)).toEqual([]);
  expect(differencesOf({ dataschema: undefined }, { ...absent, amount: "2.00" })).toEqual(["data.amount"]);
});

test("other metadata differs, and a field that a later release may add does not", () => {
  expect(differencesOf({}, { metadata: { a: "2" } })).toEqual(["data.metadata"]);
  expect(differencesOf({ later: 1 }, { later: 1 })).toEqual([]);
});
