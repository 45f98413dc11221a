import { ACCOUNT_LIMIT_MINOR } from "./money.ts";
import type { Decline, Operation } from "./operations.ts";
import type { Account, NewEntry, Recognition, Reservation, Revenue } from "./records.ts";

/** The books contradict themselves: no caller can cause that, and no retry repairs it. */
export class InvariantBroken extends Error {
  override name = "InvariantBroken";
}

/** What the operations before it have left to an operation. */
export type State = {
  /** The locked accounts by user id. One that is absent does not exist. */
  accounts: ReadonlyMap<string, Account>;
  reservations: ReadonlyMap<string, Reservation>;
  recognitions: ReadonlyMap<string, Recognition>;
  /** The time of this posting. */
  at: Date;
  /** For reservations that do not say. */
  defaultTtlSeconds: number;
};

/** What an operation does. Every record is as it is afterwards. */
export type Change = {
  entries: NewEntry[];
  reservation?: Reservation;
  recognition?: Recognition;
  revenue?: Revenue;
};

/** What one operation does to the state, or why it is declined. It changes nothing itself. */
export type Rule<Asked extends Operation = Operation> = (operation: Asked, state: State) => Change | Decline;

export function isDecline(result: object): result is Decline {
  return "code" in result;
}

export type Movement = {
  userId: string;
  /** The operation's own sum, more than zero; the deltas may be more than that, or less. */
  amountMinor: bigint;
  availableDeltaMinor: bigint;
  reservedDeltaMinor?: bigint;
  counterpartyUserId?: string;
  about?: { reservationId: string; serviceId: string; orderId: string };
};

/** The entry that a movement makes, or why the account does not allow it. */
export function makeEntry(operation: Operation, movement: Movement, { accounts }: State): NewEntry | Decline {
  const { userId, amountMinor, availableDeltaMinor, reservedDeltaMinor = 0n, about } = movement;
  const account = accounts.get(userId);
  const grows = availableDeltaMinor + reservedDeltaMinor > 0n;
  if (account === undefined || (account.version === 0 && availableDeltaMinor < 0n))
    return { code: "account_not_found" };

  const availableAfterMinor = account.availableMinor + availableDeltaMinor;
  const reservedAfterMinor = account.reservedMinor + reservedDeltaMinor;
  if (availableAfterMinor < 0n) return { code: "insufficient_funds" };
  if (reservedAfterMinor < 0n) throw new InvariantBroken("No more can be settled than is reserved");
  if (grows && availableAfterMinor + reservedAfterMinor > ACCOUNT_LIMIT_MINOR)
    return { code: "balance_limit_exceeded" };
  return {
    operation,
    userId,
    version: account.version + 1,
    amountMinor,
    availableDeltaMinor,
    reservedDeltaMinor,
    availableAfterMinor,
    reservedAfterMinor,
    counterpartyUserId: movement.counterpartyUserId ?? null,
    reservationId: about?.reservationId ?? null,
    serviceId: about?.serviceId ?? null,
    orderId: about?.orderId ?? null,
  };
}
