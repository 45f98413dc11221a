import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { EVENTS_DIRECTORY } from "../../scripts/commands/contracts/contracts.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { ADDED_LATER } from "../../src/kafka/comparison.ts";
import { ENTRY_KINDS } from "../../src/ledger/operations.ts";
import { closed } from "../support/api/schemas.ts";
import { type AuditedLedger, createAuditedLedger } from "../support/audit/auditedLedger.ts";
import { createBooks } from "../support/audit/books.ts";
import { awaitEvents, type SaldoEvent } from "../support/kafka/events.ts";
import { deposit, withdrawal } from "../support/ledger/operations.ts";

let ledger: AuditedLedger;
/** Events as a consumer reads them from Kafka, at least one of each kind. */
let events: SaldoEvent[];
/** Schemas by event type, closed. An undocumented member is an error here, though consumers must accept it. */
const schemas = new Map<string, ValidateFunction>();

beforeAll(async () => {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  for (const kind of ENTRY_KINDS) {
    const schema = await Bun.file(join(rootDirectory, EVENTS_DIRECTORY, `${kind}.schema.json`)).json();
    schemas.set(`saldo.operation.${kind}`, ajv.compile(closed(schema) as object));
  }
  ledger = await createAuditedLedger("event_schemas");
  const { userId, otherUserId } = await createBooks(ledger);
  const commented = { ...deposit(userId, "0.01"), request: { userId, amount: "0.01", comment: "«Top-up» 😀" } };
  await ledger.postAll(commented as ReturnType<typeof deposit>, withdrawal(otherUserId, "19.99"));
  await ledger.publishAll();
  const ids = await ledger.rows<{ id: string }>("select operation_id || ':' || user_id as id from entries");
  events = await awaitEvents(
    ids.map(({ id }) => id),
    30_000,
  );
});

afterAll(async () => {
  await ledger.close();
});

function errorsOf(event: object & { type: string }): unknown[] {
  const validate = schemas.get(event.type)!;
  return validate(event) ? [] : validate.errors!;
}

test("published events of every kind match the schema of their type", () => {
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(schemas.keys()));
  for (const event of events) expect([event.type, errorsOf(event)]).toEqual([event.type, []]);
});

test.each(ENTRY_KINDS)("an event of %s without a member, with another, or with a wrong value is refused", (kind) => {
  const event = events.find(({ data }) => data.kind === kind)!;
  const withData = (changes: object) => ({ ...event, data: { ...event.data, ...changes } });
  // The topic keeps events of releases that did not write all members.
  const isRequired = (name: string) => !ADDED_LATER.has(name);
  for (const name of Object.keys(event))
    if (name !== "type")
      expect([name, errorsOf({ ...event, [name]: undefined }).length > 0]).toEqual([name, isRequired(name)]);
  for (const name of Object.keys(event.data)) {
    expect([name, errorsOf(withData({ [name]: undefined })).length > 0]).toEqual([name, isRequired(name)]);
    expect([name, errorsOf(withData({ [name]: [] }))]).not.toEqual([name, []]);
  }
  for (const changes of [
    { colour: "red" },
    { amount: 1 },
    { amount: "0.00" },
    { availableDelta: "0.0" },
    { availableAfter: "-1.00" },
    { version: 0 },
    { kind: "extension" },
    { orderId: event.data.orderId === null ? "order" : null },
  ])
    expect([changes, errorsOf(withData(changes))]).not.toEqual([changes, []]);
});
