import type { StoredOperation } from "../../../src/ledger/records.ts";
import { NOTHING_SETTLED } from "../ledger/absentFields.ts";

/** The request of a deposit of 1.00 to alice. */
export const DEPOSIT_REQUEST = { kind: "deposit", request: { userId: "alice", amount: "1.00" } } as const;

/** A deposit as stored in the ledger. */
export function storedDeposit(operationId: string, workflowId: string): StoredOperation {
  return {
    ...DEPOSIT_REQUEST,
    operationId,
    workflowId,
    decline: null,
    ...NOTHING_SETTLED,
    userId: DEPOSIT_REQUEST.request.userId,
    amountMinor: 100n,
    releasedMinor: 100n,
    createdAt: new Date(0),
    completedAt: new Date(1),
    balance: { userId: DEPOSIT_REQUEST.request.userId, availableMinor: 100n, reservedMinor: 0n, version: 1 },
  };
}
