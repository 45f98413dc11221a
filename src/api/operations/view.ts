import { formatAmount } from "../../ledger/money.ts";
import type { Operation } from "../../ledger/operations.ts";
import type { BalanceAsOf, StoredOperation } from "../../ledger/records.ts";

/** Builds the JSON views of operations. */
export type OperationView = ReturnType<typeof createOperationView>;

/** The JSON view of an operation in any state. */
export type OperationBody = ReturnType<OperationView["accepted" | "pending" | "finished"]>;

/**
 * Creates the views of operations.
 *
 * `temporalWebUrl` is the address of the Temporal Web UI, with the namespace. `onBalance` receives each balance before
 * it is shown.
 */
export function createOperationView(temporalWebUrl: string, onBalance: (balance: BalanceAsOf) => void = () => {}) {
  const temporalLink = (workflowId: string) => `${temporalWebUrl}/workflows/${encodeURIComponent(workflowId)}`;
  const links = (operationId: string, workflowId: string) => ({
    operation: `/v1/operations/${operationId}?workflowId=${encodeURIComponent(workflowId)}`,
    temporal: temporalLink(workflowId),
  });

  return {
    temporalLink,

    /** Accepted; the outcome is open. */
    accepted: ({ operationId, kind, request }: Operation, workflowId: string) => ({
      operationId,
      workflowId,
      kind,
      status: "pending" as const,
      ...reservationIdOf({ operationId, kind, request }),
      links: links(operationId, workflowId),
    }),

    /** Pending, with the request from its workflow. */
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

    /** Refused: its key was used for another request, which that workflow carried. */
    mismatched: ({ operationId, kind }: Operation, workflowId: string, fields: string[]) => ({
      operationId,
      workflowId,
      kind,
      status: "mismatched" as const,
      code: "idempotency_payload_mismatch" as const,
      differingFields: fields,
      links: links(operationId, workflowId),
    }),

    /** Finished, from the ledger. */
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

/** The reservation's id, in the first response too. It is a reservation's own id, or that in the request. */
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
