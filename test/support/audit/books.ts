import { deriveOwnOperationId } from "../../../src/ledger/operationId.ts";
import type { ReservationFields } from "../../../src/ledger/operations.ts";
import { deposit, transfer, uniqueUserId } from "../ledger/operations.ts";
import { recognition, refund, release } from "../ledger/reservationOperations.ts";
import type { AuditedLedger } from "./auditedLedger.ts";

/** Consistent books about users and a service that no other test uses. */
export type Books = {
  order: ReservationFields;
  userId: string;
  otherUserId: string;
  depositId: string;
  transferId: string;
  /** Of 5.00, of which 3.00 are recognized (1.00 of that refunded) and 2.00 released. */
  settledId: string;
  recognitionId: string;
  refundId: string;
  /** Of 2.00, open. */
  openId: string;
  expiredId: string;
  expiryId: string;
};

/** Posts every kind of operation, for users and a service that no other test uses. */
export async function createBooks(ledger: AuditedLedger): Promise<Books> {
  const order = { userId: uniqueUserId(), serviceId: uniqueUserId("service"), orderId: "order" };
  const { userId } = order;
  const otherUserId = uniqueUserId("other");
  const first = deposit(userId, "100.00");
  const moved = transfer(userId, otherUserId, "20.00");
  await ledger.postAll(first, moved);
  const settledId = await ledger.reserve(order, "5.00");
  const recognized = recognition({ reservationId: settledId, amount: "3.00", final: false });
  const refunded = refund(recognized.operationId, "1.00");
  await ledger.postAll(recognized, release({ reservationId: settledId }), refunded);
  const openId = await ledger.reserve(order, "2.00");
  const expiredId = await ledger.reserve(order, "1.00");
  await ledger.passDeadline(expiredId);
  await ledger.expireByIds("saga", expiredId);
  return {
    order,
    userId,
    otherUserId,
    depositId: first.operationId,
    transferId: moved.operationId,
    settledId,
    recognitionId: recognized.operationId,
    refundId: refunded.operationId,
    openId,
    expiredId,
    expiryId: deriveOwnOperationId("expiry", expiredId),
  };
}
