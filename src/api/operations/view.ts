import { formatAmount } from "../../ledger/money.ts";
import type { Operation, RequestOfKind } from "../../ledger/operations.ts";
import type { StoredOperation } from "../../ledger/records.ts";

/** Builds what callers see of an operation. */
export type OperationView = ReturnType<typeof createOperationView>;

/** What callers see of an operation, in whatever state it is. */
export type OperationBody = ReturnType<OperationView[keyof OperationView]>;

/** `temporalWebUrl` is the address of the Temporal Web UI, with the namespace. */
export function createOperationView(temporalWebUrl: string) {
  function identity(operationId: string, workflowId: string, kind: RequestOfKind["kind"]) {
    return {
      operationId,
      workflowId,
      kind,
      links: {
        operation: `/v1/operations/${operationId}?workflowId=${encodeURIComponent(workflowId)}`,
        temporal: `${temporalWebUrl}/workflows/${encodeURIComponent(workflowId)}`,
      },
    };
  }

  return {
    /** Accepted; nothing more is certain. */
    accepted: (operation: Operation, workflowId: string) => ({
      ...identity(operation.operationId, workflowId, operation.kind),
      status: "pending" as const,
    }),

    /** Under way, with what its workflow knows of it. */
    pending: (operation: Operation, workflowId: string) => ({
      ...identity(operation.operationId, workflowId, operation.kind),
      status: "pending" as const,
      ...operation.request,
      createdAt: operation.acceptedAt,
    }),

    /** Finished, as the ledger keeps it. */
    finished: (stored: StoredOperation) => ({
      ...identity(stored.operationId, stored.workflowId, stored.kind),
      ...(stored.declineCode === null
        ? { status: "completed" as const }
        : { status: "declined" as const, code: stored.declineCode }),
      ...stored.request,
      createdAt: stored.createdAt.toISOString(),
      completedAt: stored.completedAt.toISOString(),
      ...(stored.balance && { balance: toBalanceView(stored.balance) }),
    }),
  };
}

/** A balance as decimal strings. */
export function toBalanceView(balance: { availableMinor: bigint; reservedMinor: bigint; version: number }) {
  return {
    available: formatAmount(balance.availableMinor),
    reserved: formatAmount(balance.reservedMinor),
    version: balance.version,
  };
}
