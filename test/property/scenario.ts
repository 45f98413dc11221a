import fc from "fast-check";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import type { Fields, ModelOperation } from "./world.ts";

/** An operation and its place in the scenario. `2b3` is the third of the second list of round 2. */
export type ScenarioOperation = ModelOperation & { key: string };
/** A list that is posted as one carrier. A repetition has the carrier of the first. */
export type List = { carrier: string; operations: ScenarioOperation[] };
export type Round = {
  /** Reservations whose deadlines are moved into the past before the round. */
  overdue: string[];
  /** Concurrent work: up to three lists, and the expiry of these reservations. */
  lists: List[];
  expiring: string[];
  /** Balances of the past that are read after the round. */
  looks: Look[];
};
/** A time of this user's past, as a distance from a posting. `nth` counts postings from the last one. */
export type Look = { userId: string; nth: number; distanceMs: number };

/** Few values, so that nearly all operations collide. One user has no account at first. */
const [RICH, POOR, ABSENT] = ["ann", "bob", "cy"] as const;
const OPENING = [
  { userId: RICH, amount: "20.00" },
  { userId: POOR, amount: "5.00" },
];

const user = fc.constantFrom(RICH, RICH, RICH, RICH, POOR, ABSENT);
const order = fc.record({
  userId: user,
  serviceId: fc.constantFrom("ads", "ads", "ads", "ads", "top"),
  orderId: fc.constantFrom("1", "1", "1", "1", "2"),
});
const amount = fc.constantFrom("1.00", "1.00", "1.00", "2.00", "2.00", "3.00", "1.01", "7.50");
const partOrAll = fc.record({ amount }, { requiredKeys: [] });
const ttl = fc.record({ ttlSeconds: fc.constantFrom(60, 60, 3_600, 7_200) }, { requiredKeys: [] });
/** In three of four operations absent. The order of names must not matter. */
const texts = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fields>({}) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        reference: fc.constantFrom("R-1", "R-2"),
        metadata: fc.constantFrom<Record<string, string>>({ a: "1", b: "2" }, { b: "2", a: "1" }, { a: "2" }),
      },
      { requiredKeys: [] },
    ),
  },
);
/** An index from the end among the operations of a kind, mostly small. */
const pick = fc.oneof(fc.nat(2), fc.nat(8));

/** `of` is the index of the reservation, recognition or operation that it refers to. */
type OperationDraft =
  | { kind: string; fields: Fields }
  | { kind: string; of: number; fields: Fields }
  | { again: number; among: string | undefined; changed: Fields };

const operation: fc.Arbitrary<OperationDraft> = fc.oneof(
  { weight: 3, arbitrary: draft("deposit", fc.record({ userId: user, amount })) },
  { weight: 1, arbitrary: draft("deposit", fc.record({ userId: user, amount: fc.constant("89999999999999995.00") })) },
  { weight: 2, arbitrary: draft("withdrawal", fc.record({ userId: user, amount })) },
  { weight: 2, arbitrary: transferDraft() },
  { weight: 9, arbitrary: draft("reservation", fc.tuple(order, fc.record({ amount }), ttl)) },
  { weight: 6, arbitrary: draft("recognition", fc.tuple(order, fc.record({ amount }))) },
  { weight: 6, arbitrary: draftOn("recognition", partOrAll, fc.record({ final: fc.boolean() }, { requiredKeys: [] })) },
  { weight: 7, arbitrary: draft("release", order) },
  { weight: 4, arbitrary: draftOn("release", partOrAll) },
  { weight: 3, arbitrary: draftOn("extension", fc.record({ ttlSeconds: fc.constantFrom(30, 60, 5_000, 9_000) })) },
  { weight: 5, arbitrary: draftOn("refund", partOrAll) },
  {
    weight: 4,
    arbitrary: fc.record({
      again: pick,
      among: fc.constantFrom(undefined, "reservation", "reservation", "recognition"),
      changed: fc.oneof(
        fc.constant({}),
        fc.record({ comment: fc.constant("changed") }),
        texts,
        fc.record({ userId: user }),
        fc.record({ amount }),
      ),
    }),
  },
);

function draft(kind: string, fields: fc.Arbitrary<Fields | Fields[]>): fc.Arbitrary<OperationDraft> {
  return fc.tuple(fields, texts).map((parts) => ({ kind, fields: Object.assign({}, ...parts.flat()) }));
}

function draftOn(kind: string, ...fields: fc.Arbitrary<Fields>[]): fc.Arbitrary<OperationDraft> {
  return fc.tuple(pick, texts, ...fields).map(([of, ...parts]) => ({ kind, of, fields: Object.assign({}, ...parts) }));
}

function transferDraft(): fc.Arbitrary<OperationDraft> {
  const pairs = [RICH, POOR, ABSENT].flatMap((from) => [RICH, POOR, ABSENT].map((to) => [from, to] as const));
  return fc
    .tuple(fc.constantFrom(...pairs.filter(([from, to]) => from !== to)), amount, texts)
    .map(([[fromUserId, toUserId], much, more]) => ({
      kind: "transfer",
      fields: { fromUserId, toUserId, amount: much, ...more },
    }));
}

type RoundDraft = {
  overdue: number[];
  lists: (OperationDraft[] | { sameAs: number })[];
  expiring: number[];
  looks: Look[];
};

const list = fc.oneof(
  { weight: 9, arbitrary: fc.array(operation, { minLength: 1, maxLength: 6, size: "max" }) },
  { weight: 1, arbitrary: fc.record({ sameAs: fc.nat(3) }) },
);
const sometimes = fc.oneof(
  { weight: 1, arbitrary: fc.constant<number[]>([]) },
  { weight: 1, arbitrary: fc.array(pick, { minLength: 1, maxLength: 6, size: "max" }) },
);
const look = fc.record({
  userId: user,
  nth: fc.oneof(fc.nat(4), fc.nat(60)),
  distanceMs: fc.constantFrom(-10, -1, 0, 0, 1, 1, 10),
});
const round: fc.Arbitrary<RoundDraft> = fc.record({
  overdue: sometimes,
  lists: fc.array(list, { minLength: 1, maxLength: 3, size: "max" }),
  expiring: sometimes,
  looks: fc.array(look, { maxLength: 2, size: "max" }),
});

export const scenario: fc.Arbitrary<Scenario> = fc
  .array(round, { minLength: 1, maxLength: 8, size: "max" })
  .map((rounds) => new Scenario(rounds));

/** A run derived from drafts. Equal drafts give equal runs. */
export class Scenario {
  readonly rounds: Round[] = [];
  /** Keys by operation id, for messages. */
  readonly names = new Map<string, string>();
  /** The round that failed. Later rounds are not printed. */
  failedRound: number | undefined;
  readonly #made: ScenarioOperation[] = [];

  constructor(drafts: readonly RoundDraft[]) {
    const opening = OPENING.map((fields, index) => this.#name(`0a${index + 1}`, "deposit", fields));
    this.rounds.push({ overdue: [], lists: [{ carrier: "0a", operations: opening }], expiring: [], looks: [] });
    for (const [index, draft] of drafts.entries()) this.rounds.push(this.#plan(index + 1, draft));
  }

  #plan(number: number, draft: RoundDraft): Round {
    const overdue = this.#pickAll("reservation", draft.overdue);
    const before = this.rounds.flatMap((one) => one.lists);
    const lists: List[] = [];
    const later: (() => void)[] = [];
    for (const [index, one] of draft.lists.entries()) {
      const carrier = `${number}${"abc"[index]}`;
      if (!Array.isArray(one)) {
        lists.push([...before, ...lists].at(-1 - (one.sameAs % (before.length + lists.length)))!);
        continue;
      }
      const operations: ScenarioOperation[] = [];
      lists.push({ carrier, operations });
      for (const [place, operation] of one.entries()) {
        if ("again" in operation) {
          const alike = this.#made.filter(({ kind }) => kind === operation.among);
          const among = alike.length > 0 ? alike : this.#made;
          const first = among.at(-1 - (operation.again % among.length))!;
          const again = { ...first, fields: {} };
          operations.push(again);
          later.push(() => Object.assign(again.fields, first.fields, changeOf(first, operation.changed)));
          continue;
        }
        const made = this.#name(`${carrier}${place + 1}`, operation.kind, operation.fields);
        operations.push(made);
        // Resolved after the whole round is built. It may refer to a concurrent list, or to a later operation.
        if ("of" in operation) later.push(() => this.#mean(made, operation.of));
      }
    }
    for (const mean of later) mean();
    return { overdue, lists, expiring: this.#pickAll("reservation", draft.expiring), looks: draft.looks };
  }

  #name(key: string, kind: string, fields: Fields): ScenarioOperation {
    const named = { id: deriveOperationId("property", key), key, kind, fields: { ...fields } };
    this.#made.push(named);
    this.names.set(named.id, key);
    return named;
  }

  #mean(made: ScenarioOperation, nth: number): void {
    const [kind, field] =
      made.kind === "refund"
        ? (["recognition", "recognitionId"] as const)
        : (["reservation", "reservationId"] as const);
    made.fields[field] = this.#pickAll(kind, [nth])[0] ?? deriveOperationId("property", "never made");
  }

  #pickAll(kind: string, nths: number[]): string[] {
    const made = this.#made.filter((one) => one.kind === kind).map(({ id }) => id);
    return made.length === 0 ? [] : [...new Set(nths.map((nth) => made.at(-1 - (nth % made.length))!))];
  }

  /** Replaces every id by its operation's key. */
  read(text: string): string {
    return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => this.names.get(id) ?? id);
  }

  [fc.toStringMethod](): string {
    const played = this.rounds.slice(0, (this.failedRound ?? this.rounds.length) + 1);
    const rounds = played.map(({ overdue, lists, expiring, looks }, index) =>
      [
        `\nround ${index}`,
        ...(overdue.length > 0 ? [`  deadlines pass: ${overdue.join(", ")}`] : []),
        ...lists.map((one) => `  carrier ${one.carrier}: ${one.operations.map(describeOperation).join("; ")}`),
        ...(expiring.length > 0 ? [`  expire: ${expiring.join(", ")}`] : []),
        ...looks.map(({ userId, nth, distanceMs }) => `  look at ${userId}, ${distanceMs} ms from posting -${nth}`),
      ].join("\n"),
    );
    return this.read(rounds.join(""));
  }
}

/** Changes for a repetition with another request: a field that it has, or a text. */
function changeOf({ fields }: ScenarioOperation, changed: Fields): Fields {
  const isText = (name: string) => ["comment", "reference", "metadata"].includes(name);
  return Object.fromEntries(Object.entries(changed).filter(([name]) => name in fields || isText(name)));
}

function describeOperation({ key, kind, fields }: ScenarioOperation): string {
  const fieldTexts = Object.entries(fields).map(
    ([name, value]) => `${name.replace("Id", "")}=${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
  return `${key} ${kind} ${fieldTexts.join(" ")}`;
}
