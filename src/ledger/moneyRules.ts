import { parseAmount } from "./money.ts";
import type { Decline, OperationOf } from "./operations.ts";
import { type Change, isDecline, makeEntry, type Rule } from "./state.ts";

export const deposit: Rule<OperationOf<"deposit">> = (operation, state) => {
  const amountMinor = parseAmount(operation.request.amount);
  const entry = makeEntry(
    operation,
    { userId: operation.request.userId, amountMinor, availableDeltaMinor: amountMinor },
    state,
  );
  return isDecline(entry) ? entry : { entries: [entry] };
};

export const withdrawal: Rule<OperationOf<"withdrawal">> = (operation, state) => {
  const amountMinor = parseAmount(operation.request.amount);
  const entry = makeEntry(
    operation,
    { userId: operation.request.userId, amountMinor, availableDeltaMinor: -amountMinor },
    state,
  );
  return isDecline(entry) ? entry : { entries: [entry] };
};

/** The debit and the credit, both or neither. The sender's decline comes before the receiver's. */
export const transfer: Rule<OperationOf<"transfer">> = (operation, state): Change | Decline => {
  const { fromUserId, toUserId, amount } = operation.request;
  const amountMinor = parseAmount(amount);
  const debit = makeEntry(
    operation,
    { userId: fromUserId, amountMinor, availableDeltaMinor: -amountMinor, counterpartyUserId: toUserId },
    state,
  );
  if (isDecline(debit)) return debit;
  const credit = makeEntry(
    operation,
    { userId: toUserId, amountMinor, availableDeltaMinor: amountMinor, counterpartyUserId: fromUserId },
    state,
  );
  return isDecline(credit) ? credit : { entries: [debit, credit] };
};
