import { UUID_PATTERN } from "../ledger/operationId.ts";
import type { StoredEntry } from "../ledger/records.ts";
import { type EventMessage, toEventMessage } from "./events.ts";

/** Which entry a message says that it is of; undefined where it is no event of ours at all. */
export type EventClaim = { operationId: string; userId: string };

const UUID = new RegExp(UUID_PATTERN);

/** Reads of a message which entry it is of. */
export function readClaim({ value }: EventMessage): EventClaim | undefined {
  const event = parse(value);
  const [operationId = "", userId = ""] = String(event?.id ?? "").split(/:(.*)/s);
  return UUID.test(operationId) && userId !== "" ? { operationId, userId } : undefined;
}

/**
 * Where the message and the event of its entry differ, as "data.amount"; empty where it tells the same. What it tells beyond that, as another
 * release may, is no difference.
 */
export function findDifferences(message: EventMessage, entry: StoredEntry): string[] {
  const expected = toEventMessage(entry);
  if (message.value === expected.value && message.key === expected.key) return [];
  const told = parse(message.value);
  const differences = message.key === expected.key ? [] : ["key"];
  const { data, ...head } = parse(expected.value)!;
  for (const [name, value] of Object.entries(head)) if (told?.[name] !== value) differences.push(name);
  const toldData = (told?.data ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries(data as object)) {
    if (toldData[name] !== value) differences.push(`data.${name}`);
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
