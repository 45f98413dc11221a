import { deriveOwnOperationId } from "../../src/ledger/operationId.ts";
import { differingFields, type Outcome } from "../../src/ledger/operations.ts";
import type { Posted } from "../../src/ledger/posted.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import type { Expired } from "../../src/postgres/posting/expire.ts";
import { apply, findExpiring, needs } from "./model.ts";
import { compare, describeWorld, type Observation } from "./observation.ts";
import type { List, Round } from "./scenario.ts";
import { declined, isDeclined, type ModelOperation, sorted, type World } from "./world.ts";

/** The ledger's outcomes of a round. */
export type Answers = {
  /** One posting for each list, in order. */
  lists: Posted[];
  expiry: Expired | undefined;
  expiryCarrier: string;
};

/** One list or expiry of a round: changes the world, returns differences from the ledger. */
type Step = (world: World) => string[];

/**
 * Finds an order of the round's lists that explains the ledger's outcomes.
 *
 * Each list is applied as a whole. The outcomes of the model and the state after it must equal those of the ledger.
 * @returns the world after the round @throws the differences of the closest order, where no order fits
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
 * Applies a list to the model.
 *
 * Concurrent lists may or may not see each other's creations: two lists that refer to each other's reservations may
 * both get a decline. Earlier creations and those of the list itself must be seen.
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

/** The ids that exist after the operation has completed. */
function makes({ id, fields: { userId, toUserId } }: ModelOperation): string[] {
  return [id, userId, toUserId].filter((one) => one !== undefined);
}

/** Exactly the due ones of the existing reservations, in any order. */
function expiryStep({ expiring }: Round, { posted, refusedIds }: Expired, carrier: string): Step {
  const rows = rowsOf(posted);
  const places = [...rows.keys()];
  const does = posted.outcomes.map((outcome) => {
    const row = rows.get(outcome.operationId)!;
    return `${row.reservationId} ${answerOf({ id: row.operationId, kind: row.kind, fields: row.request }, outcome, row)}`;
  });
  // Without an expiry the time is irrelevant. Each deadline is before the round or after it.
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

/** Removes the reservation ids of a decline. They are in the ledger but not in an outcome. */
function withoutIds(answer: string): string {
  return isDeclined(answer) ? answer.split(" ").slice(0, 2).join(" ") : answer;
}

function differ(subject: string, expected: string, answered: string): string[] {
  return expected === answered ? [] : [`${subject}: expected ${expected}, answered ${answered}`];
}

function* permutations<T>(items: T[]): Generator<T[]> {
  if (items.length <= 1) yield items;
  else {
    for (const [index, item] of items.entries()) {
      for (const others of permutations(items.toSpliced(index, 1))) yield [item, ...others];
    }
  }
}
