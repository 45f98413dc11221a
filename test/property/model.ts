/** An independent model of the money rules, derived from docs/reference/ alone. It imports nothing from src. */

import { openAndAlike, openByAmount, openById } from "./candidates.ts";
import {
  credit,
  debit,
  declined,
  earn,
  type Held,
  isDeclined,
  LIMIT,
  type ModelOperation,
  minor,
  move,
  type Recorded,
  remaining,
  sorted,
  total,
  type World,
  whyNoDebit,
} from "./world.ts";

export const DEFAULT_TTL_SECONDS = 3_600;

/** Time and carrier of a posting, and one id that it cannot see. */
export type Posting = {
  atMs: number;
  carrier: string;
  /** A user, reservation or recognition created concurrently, which this posting may not see. */
  unseen?: string | undefined;
};

/** Applies the operation to the world. @returns its outcome as text */
export function apply(world: World, operation: ModelOperation, posting: Posting): string {
  const before = world.recorded.get(operation.id);
  if (before) {
    const fields = differing(operation, before.operation);
    return fields.length === 0 ? before.answer : `mismatched ${fields.join(" ")}`;
  }
  const { reservationId = "-" } = operation.fields;
  const subject = subjectOf(world, operation, posting.unseen);
  const recorded: Recorded = { operation, answer: "", reservationId, subject, due: "-", carrier: posting.carrier };
  world.nowMs = posting.atMs;
  recorded.answer = perform(world, operation, posting, recorded);
  world.recorded.set(operation.id, recorded);
  return recorded.answer;
}

/** Those of the reservations that are due at `clockMs` with a remainder. */
export function findExpiring(world: World, ids: string[], clockMs: number): string[] {
  return ids.filter((id) => {
    const held = world.held.get(id);
    return held !== undefined && remaining(held) > 0n && held.dueMs <= clockMs;
  });
}

/** The id that the operation needs, and its decline where that does not exist. */
export function needs({ kind, fields }: ModelOperation): { id: string; orElse: string } | undefined {
  const { reservationId, recognitionId, fromUserId, userId } = fields;
  if (reservationId) return { id: reservationId, orElse: declined("reservation_not_found") };
  if (recognitionId) return { id: recognitionId, orElse: declined("recognition_not_found") };
  if (!["withdrawal", "transfer", "reservation"].includes(kind)) return undefined;
  return { id: (fromUserId ?? userId)!, orElse: declined("account_not_found") };
}

/** User, receiver, service and order, of the record that the request names, or its own. */
function subjectOf({ held, recognized }: World, { fields }: ModelOperation, unseen: string | undefined): string {
  const { reservationId = "", recognitionId = "" } = fields;
  const named = reservationId || recognitionId;
  const found = named === unseen ? undefined : (held.get(reservationId) ?? recognized.get(recognitionId));
  const { userId = fields.fromUserId, serviceId, orderId } = found ?? fields;
  return [userId, fields.toUserId, serviceId, orderId].map((one) => one ?? "-").join(" ");
}

function perform(
  world: World,
  operation: ModelOperation,
  { atMs, carrier, unseen }: Posting,
  recorded: Recorded,
): string {
  const { kind, fields } = operation;
  const needed = needs(operation);
  if (needed && needed.id === unseen) return needed.orElse;
  const { userId = "", serviceId = "", orderId = "", ttlSeconds = DEFAULT_TTL_SECONDS } = fields;
  const amount = fields.amount === undefined ? undefined : minor(fields.amount);
  switch (kind) {
    case "deposit":
      return credit(world, operation, userId, { available: amount!, reserved: 0n, amount: amount! });
    case "withdrawal":
      return debit(world, operation, userId, { available: -amount!, reserved: 0n, amount: amount! });
    case "transfer": {
      const [from, to] = [fields.fromUserId!, fields.toUserId!];
      const lacking = whyNoDebit(world, from, amount!);
      if (lacking) return lacking;
      if (total(world, to) + amount! > LIMIT) return declined("balance_limit_exceeded");
      const answer = move(world, operation, from, { available: -amount!, reserved: 0n, amount: amount!, with: to });
      move(world, operation, to, { available: amount!, reserved: 0n, amount: amount!, with: from });
      return answer;
    }
    case "reservation": {
      const dueMs = atMs + ttlSeconds * 1_000;
      const settled = { recognized: 0n, released: 0n, expired: 0n, refunded: 0n };
      const held: Held = { id: operation.id, userId, serviceId, orderId, amount: amount!, ...settled, dueMs, carrier };
      const answer = debit(world, operation, userId, {
        available: -amount!,
        reserved: amount!,
        amount: amount!,
        about: held,
      });
      if (isDeclined(answer)) return answer;
      world.held.set(operation.id, held);
      Object.assign(recorded, { reservationId: operation.id, due: `${dueMs}` });
      return answer;
    }
    case "recognition": {
      const found = fields.reservationId ? openById(world, fields.reservationId) : openByAmount(world, fields, amount!);
      if (typeof found === "string") return found;
      const taken = amount ?? remaining(found);
      if (taken > remaining(found)) return declined("exceeds_remaining");
      recorded.reservationId = found.id;
      const rest = fields.final === false ? 0n : remaining(found) - taken;
      found.recognized += taken;
      found.released += rest;
      const { userId: owner, serviceId: service, orderId: order } = found;
      const made = { of: found.id, userId: owner, serviceId: service, orderId: order, amount: taken, refunded: 0n };
      world.recognized.set(operation.id, made);
      earn(world, service, taken);
      return move(world, operation, owner, { available: rest, reserved: -taken - rest, amount: taken, about: found });
    }
    case "release": {
      const found = fields.reservationId ? openById(world, fields.reservationId) : openAndAlike(world, fields);
      if (typeof found === "string") return found;
      const freed = amount ?? remaining(found);
      if (freed > remaining(found)) return declined("exceeds_remaining");
      recorded.reservationId = found.id;
      found.released += freed;
      return move(world, operation, found.userId, { available: freed, reserved: -freed, amount: freed, about: found });
    }
    case "expiry": {
      const found = openById(world, fields.reservationId!);
      if (typeof found === "string") return found;
      const freed = remaining(found);
      recorded.reservationId = found.id;
      found.expired += freed;
      return move(world, operation, found.userId, { available: freed, reserved: -freed, amount: freed, about: found });
    }
    case "extension": {
      const found = openById(world, fields.reservationId!);
      if (typeof found === "string") return found;
      found.dueMs = Math.max(found.dueMs, atMs + ttlSeconds * 1_000);
      Object.assign(recorded, { reservationId: found.id, due: `${found.dueMs}` });
      return "completed";
    }
    case "refund": {
      const found = world.recognized.get(fields.recognitionId!);
      if (!found) return declined("recognition_not_found");
      recorded.reservationId = found.of;
      const given = amount ?? found.amount - found.refunded;
      if (given === 0n || given > found.amount - found.refunded) return declined("exceeds_recognized");
      const answer = credit(world, operation, found.userId, {
        available: given,
        reserved: 0n,
        amount: given,
        about: found,
      });
      if (isDeclined(answer)) return answer;
      found.refunded += given;
      world.held.get(found.of)!.refunded += given;
      earn(world, found.serviceId, -given);
      return answer;
    }
    default:
      throw new Error(`The model does not support ${kind}`);
  }
}

function differing(operation: ModelOperation, before: ModelOperation): string[] {
  const [left, right]: Record<string, unknown>[] = [operation, before].map(({ kind, fields }) => ({
    kind,
    ...fields,
    metadata: JSON.stringify(Object.entries(fields.metadata ?? {}).toSorted()),
  })) as never;
  const names = new Set([...Object.keys(left!), ...Object.keys(right!)]);
  return sorted([...names].filter((name) => left![name] !== right![name]));
}
