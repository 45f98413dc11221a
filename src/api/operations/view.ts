import { formatAmount } from "../../ledger/money.ts";
import type { Operation } from "../../ledger/operations.ts";
import type { StoredOperation } from "../../ledger/records.ts";

/** Builds what callers see of an operation. */
export type OperationView = ReturnType<typeof createOperationView>;

/** What callers see of an operation, in whatever state it is. */
export type OperationBody = ReturnType<OperationView[keyof OperationView]>;

/** `temporalWebUrl` is the address of the Temporal Web UI, with the namespace. */
export function createOperationView(temporalWebUrl: string) {
  const links = (operationId: string, workflowId: string) => ({
    operation: `/v1/operations/${operationId}?workflowId=${encodeURIComponent(workflowId)}`,
    temporal: `${temporalWebUrl}/workflows/${encodeURIComponent(workflowId)}`,
  });

  return {
    /** Accepted; nothing more is certain. */
    accepted: ({ operationId, kind }: Operation, workflowId: string) => ({
      operationId,
      workflowId,
      kind,
      status: "pending" as const,
      links: links(operationId, workflowId),
    }),

    /** Under way, with what its workflow knows of it. */
    pending: ({ operationId, kind, request, acceptedAt }: Operation, workflowId: string) => ({
      operationId,
      workflowId,
      kind,
      status: "pending" as const,
      ...request,
      createdAt: acceptedAt,
      links: links(operationId, workflowId),
    }),

    /** Finished, as the ledger keeps it. */
    finished: ({ operationId, workflowId, kind, request, declineCode, balance, ...stored }: StoredOperation) => ({
      operationId,
      workflowId,
      kind,
      ...(declineCode === null ? { status: "completed" as const } : { status: "declined" as const, code: declineCode }),
      ...request,
      createdAt: stored.createdAt.toISOString(),
      completedAt: stored.completedAt.toISOString(),
      ...(balance && { balance: toBalanceView(balance) }),
      links: links(operationId, workflowId),
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
