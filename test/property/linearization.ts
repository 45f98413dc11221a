import { deriveOwnOperationId } from "../../src/ledger/operationId.ts";
import type { Outcome } from "../../src/ledger/operations.ts";
import { type Reservation, remainingMinor } from "../../src/ledger/records.ts";
import { apply, findExpiring, needs } from "./model.ts";
import { compare, describeWorld, type Observation } from "./observation.ts";
import type { List, Round } from "./scenario.ts";
import { type Asked, declined, isDeclined, remaining, sorted, type World } from "./world.ts";

/** What the ledger answered to a round. */
export type Answers = {
  /** One for each list, in its order. */
  lists: Outcome[][];
  expiry: { outcomes: Outcome[]; reservations: Reservation[]; clock: Date } | undefined;
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
function stepOf(
  { carrier, operations }: List,
  outcomes: Outcome[],
  { postedAtMs }: Observation,
  there: Set<string>,
): Step {
  return (world) => {
    const own = new Set(there);
    return operations.flatMap((asked, index) => {
      const answered = answerOf(outcomes[index]!);
      const needed = needs(asked);
      const unseen = needed && !own.has(needed.id) && answered === needed.orElse ? needed.id : undefined;
      const answer = apply(world, asked, { atMs: postedAtMs.get(asked.id) ?? Number.NaN, carrier, unseen });
      if (answer.startsWith("completed")) for (const id of makes(asked)) own.add(id);
      const setsDeadline = ["reservation", "extension"].includes(asked.kind) && answer.startsWith("completed");
      return differ(`${asked.id} in ${carrier}`, `${withoutIds(answer)}${setsDeadline ? " due" : ""}`, answered);
    });
  };
}

/** Whom and what there is, at the latest, once the operation has completed. */
function makes({ id, fields: { userId, toUserId } }: Asked): string[] {
  return [id, userId, toUserId].filter((one) => one !== undefined);
}

/** All that is due, what has expired before, and nothing else, in whichever order. */
function expiryStep(
  { expiring }: Round,
  { outcomes, reservations, clock }: NonNullable<Answers["expiry"]>,
  carrier: string,
): Step {
  const idOf = (reservationId: string) => deriveOwnOperationId("expiry", reservationId);
  const answered = new Map(outcomes.map((outcome) => [outcome.operationId, answerOf(outcome)]));
  const places = [...answered.keys()];
  return (world) => {
    const due = findExpiring(world, expiring, clock.getTime());
    const expired = due
      .map((reservationId) => ({ id: idOf(reservationId), kind: "expiry", fields: { reservationId } }))
      .toSorted((one, other) => places.indexOf(one.id) - places.indexOf(other.id))
      .map((asked) => `${asked.fields.reservationId} ${apply(world, asked, { atMs: clock.getTime(), carrier })}`);
    const stand = expiring
      .flatMap((id) => world.held.get(id) ?? [])
      .map((one) => `${one.id} remains ${remaining(one)} until ${one.dueMs}`);
    const stands = reservations.map(
      (one) => `${one.reservationId} remains ${remainingMinor(one)} until ${one.expiresAt.getTime()}`,
    );
    const does = reservations.flatMap(({ reservationId: id }) =>
      answered.has(idOf(id)) ? `${id} ${answered.get(idOf(id))}` : [],
    );
    return [
      ...compare([...expired, ...stand], [...does, ...stands]).map((line) => `${carrier}: ${line}`),
      ...differ(`${carrier}: so many expired`, `${due.length}`, `${outcomes.length}`),
    ];
  };
}

function answerOf(outcome: Outcome): string {
  switch (outcome.status) {
    case "declined":
      return declined(outcome.code);
    case "mismatched":
      return `mismatched ${sorted(outcome.differingFields).join(" ")}`;
    case "completed": {
      const { balance, dueInMs } = outcome;
      const minor = (amount: string) => BigInt(amount.replace(".", ""));
      const left = balance ? ` ${minor(balance.available)} ${minor(balance.reserved)} v${balance.version}` : "";
      return `completed${left}${dueInMs === undefined ? "" : " due"}`;
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
