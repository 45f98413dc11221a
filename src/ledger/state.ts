import { ACCOUNT_LIMIT_MINOR } from "./money.ts";
import type { Decline, Operation } from "./operations.ts";
import type { Account, NewEntry, Recognition, Reservation, Revenue } from "./records.ts";

/** The ledger's data is inconsistent. No request can cause it, and a retry does not help. */
export class InvariantBroken extends Error {
  override name = "InvariantBroken";
}

/** The records after the operations earlier in the list. */
export type State = {
  /** The locked accounts by user id. A missing one does not exist in the ledger. */
  accounts: ReadonlyMap<string, Account>;
  reservations: ReadonlyMap<string, Reservation>;
  recognitions: ReadonlyMap<string, Recognition>;
  /** The time of this posting. */
  at: Date;
  /** For reservations without `ttlSeconds`. */
  defaultTtlSeconds: number;
};

/** The change by one operation. Each record is in its new state. */
export type Change = { entries: NewEntry[]; reservation?: Reservation; recognition?: Recognition; revenue?: Revenue };

/** Computes the change by one operation, or its decline. Pure: it does not modify the state. */
export type Rule<Of extends Operation = Operation> = (operation: Of, state: State) => Change | Decline;

export function isDecline(result: object): result is Decline {
  return "code" in result;
}

export type Movement = {
  userId: string;
  /** The operation's amount, above zero. The deltas may be larger or smaller. */
  amountMinor: bigint;
  availableDeltaMinor: bigint;
  reservedDeltaMinor?: bigint;
  counterpartyUserId?: string;
  about?: { reservationId: string; serviceId: string; orderId: string };
};

/** The entry for a movement, or the decline where the account does not allow it. */
export function makeEntry(operation: Operation, movement: Movement, { accounts }: State): NewEntry | Decline {
  const { userId, amountMinor, availableDeltaMinor, reservedDeltaMinor = 0n, about } = movement;
  const account = accounts.get(userId);
  const grows = availableDeltaMinor + reservedDeltaMinor > 0n;
  if (account === undefined || (account.version === 0 && availableDeltaMinor < 0n))
    return { code: "account_not_found" };

  const availableAfterMinor = account.availableMinor + availableDeltaMinor;
  const reservedAfterMinor = account.reservedMinor + reservedDeltaMinor;
  if (availableAfterMinor < 0n) return { code: "insufficient_funds" };
  if (reservedAfterMinor < 0n) throw new InvariantBroken("More is settled than is reserved");
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
