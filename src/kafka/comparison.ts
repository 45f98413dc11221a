import { UUID_PATTERN } from "../ledger/operationId.ts";
import type { StoredEntry } from "../ledger/records.ts";
import { type EventMessage, toEventMessage } from "./events.ts";

/** The entry that a message refers to by its event id. */
export type EventClaim = { operationId: string; userId: string };

const UUID = new RegExp(UUID_PATTERN);

/** Parses the entry's key from a message; undefined where it is no event of Saldo. */
export function readClaim({ value }: EventMessage): EventClaim | undefined {
  const event = parse(value);
  const [operationId = "", userId = ""] = String(event?.id ?? "").split(/:(.*)/s);
  return UUID.test(operationId) && userId !== "" ? { operationId, userId } : undefined;
}

/**
 * Lists the fields in which a message differs from its entry's event, as "data.amount".
 * Fields that the message has in addition, as another release may add, are ignored.
 */
export function findDifferences(message: EventMessage, entry: StoredEntry): string[] {
  const expected = toEventMessage(entry);
  if (message.value === expected.value && message.key === expected.key) return [];
  const actual = parse(message.value);
  const differences = message.key === expected.key ? [] : ["key"];
  const { data, ...head } = parse(expected.value)!;
  for (const [name, value] of Object.entries(head)) if (actual?.[name] !== value) differences.push(name);
  const actualData = (actual?.data ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(data as object)) {
    if (actualData[name] !== value) differences.push(`data.${name}`);
  }
  return differences;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
