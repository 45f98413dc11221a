import type { StoredOperation } from "../../../src/ledger/records.ts";

/** What a stored deposit of one to alice asks for. */
export const DEPOSIT_REQUEST = { kind: "deposit", request: { userId: "alice", amount: "1.00" } } as const;

/** A deposit as the ledger keeps it. */
export function storedDeposit(operationId: string, workflowId: string): StoredOperation {
  return {
    ...DEPOSIT_REQUEST,
    operationId,
    workflowId,
    decline: null,
    reservationId: null,
    expiresAt: null,
    amountMinor: 100n,
    createdAt: new Date(0),
    completedAt: new Date(1),
    balance: { userId: DEPOSIT_REQUEST.request.userId, availableMinor: 100n, reservedMinor: 0n, version: 1 },
  };
}
