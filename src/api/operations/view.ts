import { formatAmount } from "../../ledger/money.ts";
import type { Operation } from "../../ledger/operations.ts";
import type { BalanceAsOf, StoredOperation } from "../../ledger/records.ts";

/** Builds what callers see of an operation. */
export type OperationView = ReturnType<typeof createOperationView>;

/** What callers see of an operation, in whatever state it is. */
export type OperationBody = ReturnType<OperationView["accepted" | "pending" | "finished"]>;

/** `temporalWebUrl` is the address of the Temporal Web UI, with the namespace. `onBalance` is called with each balance before it is shown. */
export function createOperationView(temporalWebUrl: string, onBalance: (balance: BalanceAsOf) => void = () => {}) {
  const temporalLink = (workflowId: string) => `${temporalWebUrl}/workflows/${encodeURIComponent(workflowId)}`;
  const links = (operationId: string, workflowId: string) => ({
    operation: `/v1/operations/${operationId}?workflowId=${encodeURIComponent(workflowId)}`,
    temporal: temporalLink(workflowId),
  });

  return {
    temporalLink,

    /** Accepted; nothing more is certain. */
    accepted: ({ operationId, kind, request }: Operation, workflowId: string) => ({
      operationId,
      workflowId,
      kind,
      status: "pending" as const,
      ...reservationIdOf({ operationId, kind, request }),
      links: links(operationId, workflowId),
    }),

    /** Under way, with what its workflow knows of it. */
    pending: ({ operationId, kind, request, acceptedAt }: Operation, workflowId: string) => ({
      operationId,
      workflowId,
      kind,
      status: "pending" as const,
      ...request,
      ...reservationIdOf({ operationId, kind, request }),
      createdAt: acceptedAt,
      links: links(operationId, workflowId),
    }),

    /** Not taken: its key stands for another request, which that workflow brought into the ledger. */
    mismatched: ({ operationId, kind }: Operation, workflowId: string, fields: string[]) => ({
      operationId,
      workflowId,
      kind,
      status: "mismatched" as const,
      code: "idempotency_payload_mismatch" as const,
      differingFields: fields,
      links: links(operationId, workflowId),
    }),

    /** Finished, as the ledger keeps it. */
    finished({ operationId, workflowId, kind, request, decline, balance, ...stored }: StoredOperation) {
      if (balance) onBalance({ ...balance, asOf: stored.completedAt });
      return {
        operationId,
        workflowId,
        kind,
        ...(decline ? { status: "declined" as const, ...decline } : { status: "completed" as const }),
        ...request,
        ...(stored.amountMinor !== null && { amount: formatAmount(stored.amountMinor) }),
        ...(stored.reservationId && { reservationId: stored.reservationId }),
        ...(stored.expiresAt && { expiresAt: stored.expiresAt.toISOString() }),
        createdAt: stored.createdAt.toISOString(),
        completedAt: stored.completedAt.toISOString(),
        ...(balance && { balance: toBalanceView(balance) }),
        links: links(operationId, workflowId),
      };
    },
  };
}

/** The reservation's id, which is known from the first answer: a reservation's own, or the one that the request names. */
function reservationIdOf({ operationId, kind, request }: Pick<Operation, "operationId" | "kind" | "request">) {
  if (kind === "reservation") return { reservationId: operationId };
  return "reservationId" in request ? { reservationId: request.reservationId } : {};
}

/** A balance as decimal strings. */
export function toBalanceView(balance: { availableMinor: bigint; reservedMinor: bigint; version: number }) {
  return {
    available: formatAmount(balance.availableMinor),
    reserved: formatAmount(balance.reservedMinor),
    version: balance.version,
  };
}
