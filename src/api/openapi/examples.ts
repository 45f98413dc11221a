import { parseAmount } from "../../ledger/money.ts";
import { deriveBatchId, deriveOperationId } from "../../ledger/operationId.ts";
import type { RequestOfKind } from "../../ledger/operations.ts";
import type { StoredOperation } from "../../ledger/records.ts";
import { UNKNOWN_SUBJECT } from "../../ledger/subject.ts";
import { createOperationView } from "../operations/view.ts";

/**
 * The examples of the API document: requests of one user with 1000.00, in order.
 *
 * The ids are those that the caller "demo" gets with these keys; `./dev token` mints its token by default. So each
 * request can be sent from the page unchanged, from top to bottom. A test does so.
 */

const CALLER = "demo";
const view = createOperationView("http://localhost:8233/namespaces/default", "RUB");

/** A request with its key, where it has one, and both responses. */
export type Step = { key?: string; body: object; pending: object; completed: object };

type Outcome = {
  reservationId?: string;
  amount?: string;
  balance?: [available: string, reserved: string, version: number];
};

let seconds = 0;

/**
 * The request under its key, without the fields of its path, and both responses.
 *
 * `carrier` is the id of its workflow, by default of one that carries this operation alone.
 */
function step(
  key: string,
  operationRequest: RequestOfKind,
  { reservationId, amount, balance }: Outcome,
  carrier?: string,
) {
  const operationId = deriveOperationId(CALLER, key);
  const createdAt = new Date(Date.UTC(2026, 10, 23, 12, 0, ++seconds));
  const workflowId = carrier ?? nameCarrier(operationRequest, operationId, createdAt);
  const completedAt = new Date(createdAt.getTime() + 21);
  const [available, reserved, version] = balance ?? [];
  const { amount: moved = amount } = operationRequest.request as { amount?: string };
  const ttlSeconds = "ttlSeconds" in operationRequest.request ? operationRequest.request.ttlSeconds : undefined;
  const expiresAt = ttlSeconds ? new Date(completedAt.getTime() + ttlSeconds * 1_000) : null;
  const stored: StoredOperation = {
    ...operationRequest,
    operationId,
    workflowId,
    decline: null,
    createdAt,
    completedAt,
    ...UNKNOWN_SUBJECT,
    // An operation on a reservation is that of the order.
    ...(reservationId && { ...order, serviceName: "Ad promotion" }),
    reservationId: reservationId ?? null,
    by: null,
    reason: null,
    expiresAt,
    amountMinor: moved ? parseAmount(moved) : null,
    releasedMinor: operationRequest.kind === "recognition" ? 0n : null,
    refundedMinor: operationRequest.kind === "recognition" ? 0n : null,
    balance:
      available && reserved && version
        ? {
            userId: order.userId,
            availableMinor: parseAmount(available),
            reservedMinor: parseAmount(reserved),
            version,
          }
        : null,
  };
  const operation = {
    operationId,
    caller: CALLER,
    idempotencyKey: key,
    acceptedAt: createdAt.toISOString(),
    ...operationRequest,
  };
  const { reservationId: _, ...body } = { reservationId, ...operationRequest.request };
  const [pending, completed] = [view.accepted(operation, workflowId), view.finished(stored)];
  return { key, body, pending, completed, expiresAt: expiresAt?.toISOString() };
}

/**
 * The id of the carrier of the operation.
 *
 * A saga is named after its first reservation. Any other carrier has a UUID of version 7, which begins with its start
 * time.
 */
function nameCarrier({ kind }: RequestOfKind, operationId: string, startedAt: Date): string {
  if (kind === "reservation") return `reservation-${operationId}`;
  const time = startedAt.getTime().toString(16).padStart(12, "0");
  return `carrier-${time.slice(0, 8)}-${time.slice(8)}-7${operationId.slice(15)}`;
}

export const order = { userId: "anna", serviceId: "promotion", orderId: "order-1001" };
export const reservationId = deriveOperationId(CALLER, "reservation-0001");
const recognitionId = deriveOperationId(CALLER, "recognition-0001");

/** By the document's operation ids, in its order. */
export const EXAMPLES = {
  deposit: step(
    "deposit-0001",
    { kind: "deposit", request: { userId: "anna", amount: "1000.00", comment: "Top-up by card", source: "visa" } },
    { balance: ["1000.00", "0.00", 1] },
  ),
  withdraw: step(
    "withdrawal-0001",
    { kind: "withdrawal", request: { userId: "anna", amount: "100.00", comment: "Payout", destination: "mastercard" } },
    { balance: ["900.00", "0.00", 2] },
  ),
  transfer: step(
    "transfer-0001",
    {
      kind: "transfer",
      request: { fromUserId: "anna", toUserId: "boris", amount: "150.00", comment: "For the tickets" },
    },
    { balance: ["750.00", "0.00", 3] },
  ),
  reserve: step(
    "reservation-0001",
    {
      kind: "reservation",
      request: {
        ...{ userId: order.userId, serviceId: order.serviceId, serviceName: "Ad promotion", orderId: order.orderId },
        ...{ amount: "600.00", ttlSeconds: 86_400, comment: "Four weeks at the top" },
      },
    },
    { reservationId, balance: ["150.00", "600.00", 4] },
  ),
  recognizeReservation: step(
    "recognition-0001",
    { kind: "recognition", request: { reservationId, amount: "150.00", final: false, comment: "The first week" } },
    { reservationId, balance: ["150.00", "450.00", 5] },
  ),
  releaseReservation: step(
    "release-0001",
    { kind: "release", request: { reservationId, amount: "50.00", comment: "A discount" } },
    { reservationId, balance: ["200.00", "400.00", 6] },
  ),
  extendReservation: step(
    "extension-0001",
    { kind: "extension", request: { reservationId, ttlSeconds: 604_800 } },
    { reservationId },
  ),
  recognizeByFields: step(
    "recognition-0002",
    { kind: "recognition", request: { ...order, amount: "400.00", comment: "The other weeks" } },
    { reservationId, balance: ["200.00", "0.00", 7] },
  ),
  releaseByFields: step(
    "release-0002",
    { kind: "release", request: { ...order, comment: "The order was given up" } },
    { reservationId, amount: "400.00", balance: ["600.00", "0.00", 7] },
  ),
  refund: step(
    "refund-0001",
    { kind: "refund", request: { recognitionId, amount: "50.00", comment: "A day was missing" } },
    { reservationId, balance: ["250.00", "0.00", 8] },
  ),
} satisfies Record<string, Step & { key: string }>;

const batchKeys = ["batch-0001-deposit", "batch-0001-transfer"] as const;
const batchWorkflowId = `batch-${deriveBatchId(batchKeys.map((key) => deriveOperationId(CALLER, key)))}`;
const batched = [
  step(
    batchKeys[0],
    { kind: "deposit", request: { userId: "vera", amount: "500.00", source: "visa" } },
    { balance: ["500.00", "0.00", 1] },
    batchWorkflowId,
  ),
  step(
    batchKeys[1],
    { kind: "transfer", request: { fromUserId: "vera", toUserId: "gleb", amount: "20.00" } },
    { balance: ["480.00", "0.00", 2] },
    batchWorkflowId,
  ),
];

/** An atomic batch of other users, with a deposit and a transfer. */
export const BATCH: Step = {
  body: {
    operations: batched.map(({ key, body, pending: { kind } }) => ({ kind, idempotencyKey: key, ...body })),
    atomic: true,
  },
  pending: showBatch(batched.map(({ pending }) => pending)),
  completed: showBatch(batched.map(({ completed }) => completed)),
};

function showBatch(operations: object[]): object {
  return { workflowId: batchWorkflowId, links: { temporal: view.temporalLink(batchWorkflowId) }, operations };
}
