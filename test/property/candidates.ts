import { declined, type Fields, type Held, remaining, type World } from "./world.ts";

/**
 * Finds the reservation of an operation, as docs/decisions/settlement-by-fields.md states.
 * @returns the decline where there is none
 */

export function openById(world: World, id: string): Held | string {
  const found = world.held.get(id);
  if (!found) return declined("reservation_not_found");
  return remaining(found) > 0n ? found : declined(stateOf(found));
}

/** Exactly the amount, then the earliest deadline, then the oldest. */
export function openByAmount(world: World, fields: Fields, amount: bigint): Held | string {
  const open = candidates(world, fields);
  const [chosen] = open.filter((one) => remaining(one) === amount);
  if (chosen) return chosen;
  return open.length > 0 ? declined("amount_mismatch", open) : whyNone(world, fields);
}

/** The only open one, or the earliest where all hold the same amount. */
export function openAndAlike(world: World, fields: Fields): Held | string {
  const open = candidates(world, fields);
  if (open.length === 0) return whyNone(world, fields);
  return open.every((one) => remaining(one) === remaining(open[0]!))
    ? open[0]!
    : declined("reservation_ambiguous", open);
}

function candidates(world: World, fields: Fields): Held[] {
  return about(world, fields)
    .filter((one) => remaining(one) > 0n)
    .toSorted((one, other) => one.dueMs - other.dueMs);
}

function whyNone(world: World, fields: Fields): string {
  const latest = about(world, fields).at(-1);
  return declined(latest ? stateOf(latest) : "reservation_not_found");
}

function about(world: World, { userId, serviceId, orderId }: Fields): Held[] {
  return [...world.held.values()].filter(
    (one) => one.userId === userId && one.serviceId === serviceId && one.orderId === orderId,
  );
}

function stateOf(settled: Held): string {
  return settled.expired > 0n ? "reservation_expired" : "reservation_settled";
}
