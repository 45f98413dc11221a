import { deriveOwnOperationId } from "../../src/ledger/operationId.ts";
import { differingFields, type Outcome } from "../../src/ledger/operations.ts";
import type { Posted } from "../../src/ledger/posted.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import type { Expired } from "../../src/postgres/posting/expire.ts";
import { apply, findExpiring, needs } from "./model.ts";
import { compare, describeWorld, type Observation } from "./observation.ts";
import type { List, Round } from "./scenario.ts";
import { declined, isDeclined, type ModelOperation, sorted, type World } from "./world.ts";

/** What the ledger answered to a round. */
export type Answers = {
  /** One for each list, in its order. */
  lists: Posted[];
  expiry: Expired | undefined;
  expiryCarrier: string;
};

/** One thing of a round by itself: changes the world and says where the ledger answered otherwise. */
type Step = (world: World) => string[];

/**
 * Finds an order of the round's lists, each taken whole, in which the model answers what the ledger answered and ends where the ledger
 * stands, and returns the world after it. @throws where there is none, saying what is wrong with the order that comes closest.
 */
export function explain(world: World, round: Round, answers: Answers, seen: Observation): World {
  const there = new Set([...world.accounts.keys(), ...world.held.keys(), ...world.recognized.keys()]);
  const steps = round.lists.map((list, index) => stepOf(list, answers.lists[index]!, seen, there));
  if (answers.expiry) steps.push(expiryStep(round, answers.expiry, answers.expiryCarrier));
  let closest: string[] | undefined;
  for (const order of permutations(steps)) {
    const after = structuredClone(world);
    const wrong = [...order.flatMap((step) => step(after)), ...compare(describeWorld(after), seen.lines)];
    if (wrong.length === 0) return after;
    if (!closest || wrong.length < closest.length) closest = wrong;
  }
  throw new Error(`No order of the lists explains this. The closest leaves:\n${closest!.join("\n")}`);
}

/**
 * What lists make at the same moment, each may or may not see of the other: two that name each other's reservations may both be told
 * that there is none. What was there before, or is made by the list itself, must be seen.
 */
function stepOf({ carrier, operations }: List, posted: Posted, { postedAtMs }: Observation, there: Set<string>): Step {
  const rows = rowsOf(posted);
  return (world) => {
    const own = new Set(there);
    return operations.flatMap((operation, index) => {
      const answered = answerOf(operation, posted.outcomes[index]!, rows.get(operation.id)!);
      const needed = needs(operation);
      const unseen = needed && !own.has(needed.id) && answered === needed.orElse ? needed.id : undefined;
      const answer = apply(world, operation, { atMs: postedAtMs.get(operation.id) ?? Number.NaN, carrier, unseen });
      if (answer.startsWith("completed")) for (const id of makes(operation)) own.add(id);
      const setsDeadline = ["reservation", "extension"].includes(operation.kind) && answer.startsWith("completed");
      return differ(`${operation.id} in ${carrier}`, `${withoutIds(answer)}${setsDeadline ? " due" : ""}`, answered);
    });
  };
}

/** Whom and what there is, at the latest, once the operation has completed. */
function makes({ id, fields: { userId, toUserId } }: ModelOperation): string[] {
  return [id, userId, toUserId].filter((one) => one !== undefined);
}

/** All that is due of what is there, and nothing else, in whichever order. */
function expiryStep({ expiring }: Round, { posted, refusedIds }: Expired, carrier: string): Step {
  const rows = rowsOf(posted);
  const places = [...rows.keys()];
  const does = posted.outcomes.map((outcome) => {
    const row = rows.get(outcome.operationId)!;
    return `${row.reservationId} ${answerOf({ id: row.operationId, kind: row.kind, fields: row.request }, outcome, row)}`;
  });
  // Where nothing expired the time is of no account: a deadline has passed before the round, or comes after it.
  const atMs = posted.operations[0]?.completedAt.getTime() ?? Date.now();
  return (world) => {
    const due = findExpiring(world, expiring, atMs);
    const expired = due
      .map((reservationId) => ({ reservationId, id: deriveOwnOperationId("expiry", reservationId) }))
      .toSorted((one, other) => places.indexOf(one.id) - places.indexOf(other.id))
      .map(({ reservationId, id }) => {
        const operation = { id, kind: "expiry", fields: { reservationId } };
        return `${reservationId} ${apply(world, operation, { atMs, carrier })}`;
      });
    return [
      ...compare(expired, does).map((line) => `${carrier}: ${line}`),
      ...differ(`${carrier}: so many expired`, `${due.length}`, `${posted.outcomes.length}`),
      ...differ(`${carrier}: refused`, "", refusedIds.join(" ")),
    ];
  };
}

/** The row of each operation that the posting decided or found stored. */
function rowsOf({ operations, stored }: Posted): Map<string, StoredOperation> {
  return new Map([...operations, ...stored].map((row) => [row.operationId, row]));
}

function answerOf(
  { kind, fields }: ModelOperation,
  outcome: Outcome,
  { request, balance, expiresAt, ...row }: StoredOperation,
): string {
  switch (outcome.status) {
    case "declined":
      return declined(outcome.code);
    case "mismatched":
      return `mismatched ${sorted(differingFields({ kind, request: fields }, { kind: row.kind, request })).join(" ")}`;
    case "completed": {
      const left = balance ? ` ${balance.availableMinor} ${balance.reservedMinor} v${balance.version}` : "";
      return `completed${left}${expiresAt ? " due" : ""}`;
    }
  }
}

/** The reservations that a decline is about are found in the ledger; an outcome does not carry them. */
function withoutIds(answer: string): string {
  return isDeclined(answer) ? answer.split(" ").slice(0, 2).join(" ") : answer;
}

function differ(what: string, expected: string, answered: string): string[] {
  return expected === answered ? [] : [`${what}: expected ${expected}, answered ${answered}`];
}

function* permutations<T>(items: T[]): Generator<T[]> {
  if (items.length <= 1) yield items;
  else {
    for (const [index, item] of items.entries()) {
      for (const others of permutations(items.toSpliced(index, 1))) yield [item, ...others];
    }
  }
}
