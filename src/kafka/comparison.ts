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
 * Ignored are fields that only the message has, as a later release may add. So are, in events of release 0.2.0, the
 * fields that it did not write, and in all events the sentence `description`.
 */
export function findDifferences(message: EventMessage, entry: StoredEntry, currency: string): string[] {
  const expected = toEventMessage(entry, currency);
  if (message.value === expected.value && message.key === expected.key) return [];
  const actual = parse(message.value);
  const differences = message.key === expected.key ? [] : ["key"];
  const { data, ...head } = parse(expected.value)!;
  const ignored = actual?.dataschema === undefined ? ADDED_LATER : SENTENCE;
  differences.push(...findDifferingFields(actual ?? {}, head, ignored));
  const differingData = findDifferingFields((actual?.data ?? {}) as Fields, data as Fields, ignored);
  return [...differences, ...differingData.map((name) => `data.${name}`)];
}

/** Fields that events of release 0.2.0 lack. The topic keeps these events. */
export const ADDED_LATER: ReadonlySet<string> = new Set([
  ...["dataschema", "currency", "serviceName", "recognitionId", "source", "destination", "reference", "metadata"],
  "description",
]);

/** Follows from the other fields, and its words may change. */
const SENTENCE: ReadonlySet<string> = new Set(["description"]);

type Fields = Record<string, unknown>;

function findDifferingFields(actual: Fields, expected: Fields, ignored: ReadonlySet<string>): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    if (ignored.has(name)) return [];
    // Metadata is an object. Its names are in the order of the stored request, in any publication.
    return JSON.stringify(actual[name]) === JSON.stringify(value) ? [] : [name];
  });
}

function parse(text: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as Fields) : undefined;
  } catch {
    return undefined;
  }
}
