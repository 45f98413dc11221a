import { parseAmount } from "../../ledger/money.ts";
import { deriveBatchId, deriveOperationId } from "../../ledger/operationId.ts";
import type { RequestOfKind } from "../../ledger/operations.ts";
import type { StoredOperation } from "../../ledger/records.ts";
import { createOperationView } from "../operations/view.ts";

/**
 * The examples of the API document tell one story: what Anna does with 1000.00. Ids are those that the caller "demo", for whom `./dev token`
 * mints by default, gets with these keys, so each request can be tried from the page as it stands, from the top down. A test does so.
 */

const CALLER = "demo";
const view = createOperationView("http://localhost:8233/namespaces/default");

/** A request with its key, where it has one, and both answers to it. */
export type Step = { key?: string; body: object; pending: object; completed: object };

type CameTo = {
  reservationId?: string;
  amount?: string;
  balance?: [available: string, reserved: string, version: number];
};

let seconds = 0;

/** The request under the key, without what its path says, and both answers to it; in a carrier of its own, unless one is named. */
function step(key: string, asked: RequestOfKind, { reservationId, amount, balance }: CameTo, carrier?: string) {
  const operationId = deriveOperationId(CALLER, key);
  const createdAt = new Date(Date.UTC(2026, 10, 23, 12, 0, ++seconds));
  const workflowId = carrier ?? nameCarrier(asked, operationId, createdAt);
  const completedAt = new Date(createdAt.getTime() + 21);
  const [available, reserved, version] = balance ?? [];
  const ttlSeconds = "ttlSeconds" in asked.request ? asked.request.ttlSeconds : undefined;
  const expiresAt = ttlSeconds ? new Date(completedAt.getTime() + ttlSeconds * 1_000) : null;
  const stored: StoredOperation = {
    ...asked,
    operationId,
    workflowId,
    decline: null,
    createdAt,
    completedAt,
    reservationId: reservationId ?? null,
    expiresAt,
    amountMinor: amount ? parseAmount(amount) : null,
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
  const operation = { operationId, caller: CALLER, idempotencyKey: key, acceptedAt: createdAt.toISOString(), ...asked };
  const { reservationId: _, ...body } = { reservationId, ...asked.request };
  const [pending, completed] = [view.accepted(operation, workflowId), view.finished(stored)];
  return { key, body, pending, completed, expiresAt: expiresAt?.toISOString() };
}

/** A saga is named after its first reservation; another carrier has a UUID of version 7, which begins with the time of its start. */
function nameCarrier({ kind }: RequestOfKind, operationId: string, startedAt: Date): string {
  if (kind === "reservation") return `reservation-${operationId}`;
  const time = startedAt.getTime().toString(16).padStart(12, "0");
  return `carrier-${time.slice(0, 8)}-${time.slice(8)}-7${operationId.slice(15)}`;
}

export const order = { userId: "anna", serviceId: "promotion", orderId: "order-1001" };
export const reservationId = deriveOperationId(CALLER, "reservation-0001");
const recognitionId = deriveOperationId(CALLER, "recognition-0001");

/** By the document's operation ids, in the document's order. */
export const STORY = {
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
    {
      kind: "recognition",
      request: { reservationId, amount: "150.00", final: false, comment: "The first week" },
    },
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
  recognize: step(
    "recognition-0002",
    { kind: "recognition", request: { ...order, amount: "400.00", comment: "The other weeks" } },
    { reservationId, balance: ["200.00", "0.00", 7] },
  ),
  release: step(
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

/** Beside the story: what Vera gets, she shares, or gets nothing. */
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
