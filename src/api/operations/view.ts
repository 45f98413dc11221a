import { formatAmount } from "../../ledger/money.ts";
import type { Kind, Operation } from "../../ledger/operations.ts";
import type { BalanceAsOf, StoredOperation } from "../../ledger/records.ts";
import type { Subject } from "../../ledger/subject.ts";

/** Builds the JSON views of operations. */
export type OperationView = ReturnType<typeof createOperationView>;

/** The JSON view of an operation in any state. */
export type OperationBody = ReturnType<OperationView["accepted" | "pending" | "finished"]>;

/**
 * Creates the views of operations.
 *
 * `temporalWebUrl` is the address of the Temporal Web UI, with the namespace. `currency` is that of all amounts.
 * `onBalance` receives each balance before it is shown.
 */
export function createOperationView(
  temporalWebUrl: string,
  currency: string,
  onBalance: (balance: BalanceAsOf) => void = () => {},
) {
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
      currency,
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
        ...subjectOf(kind, stored),
        ...request,
        ...(stored.amountMinor !== null && { amount: formatAmount(stored.amountMinor) }),
        currency,
        ...settlementOf(kind, request, stored),
        ...(stored.by !== null && { by: stored.by }),
        ...(stored.reason !== null && { reason: stored.reason }),
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

/** The subject of a finished operation. Its request may name a reservation or a recognition only. */
function subjectOf(kind: Kind, { userId, reservationId, serviceId, serviceName, orderId }: Subject) {
  return {
    // A transfer's users are in its request.
    ...(userId !== null && kind !== "transfer" && { userId }),
    ...(serviceId !== null && { serviceId }),
    ...(serviceName !== null && { serviceName }),
    ...(orderId !== null && { orderId }),
    ...(reservationId !== null && { reservationId }),
  };
}

/** The refunds of a recognition so far, and the released part of a final one. */
function settlementOf(kind: Kind, request: Operation["request"], stored: Settled) {
  const { amountMinor, refundedMinor, releasedMinor } = stored;
  if (kind !== "recognition" || amountMinor === null || refundedMinor === null) return {};
  const isFinal = !("final" in request) || request.final !== false;
  return {
    refunded: formatAmount(refundedMinor),
    refundable: formatAmount(amountMinor - refundedMinor),
    ...(isFinal && releasedMinor !== null && { released: formatAmount(releasedMinor) }),
  };
}

type Settled = Pick<StoredOperation, "amountMinor" | "refundedMinor" | "releasedMinor">;

/** A balance as decimal strings. */
export function toBalanceView(balance: { availableMinor: bigint; reservedMinor: bigint; version: number }) {
  return {
    available: formatAmount(balance.availableMinor),
    reserved: formatAmount(balance.reservedMinor),
    version: balance.version,
  };
}
