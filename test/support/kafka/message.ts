import { type EventMessage, toEventMessage } from "../../../src/kafka/events.ts";
import type { StoredEntry } from "../../../src/ledger/records.ts";

/** The event of an entry in the tests' currency. */
export function toMessage(entry: StoredEntry): EventMessage {
  return toEventMessage(entry, "RUB");
}
