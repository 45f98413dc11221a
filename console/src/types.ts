import type { components } from "../../client/src/index.ts";

type Schemas = components["schemas"];
export type Operation = Schemas["Operation"];
export type Entry = Schemas["StatementEntry"];
export type ReservationSummary = Schemas["ReservationSummary"];
export type Reservation = Schemas["Reservation"];
export type Balance = Schemas["Balance"];
export type Audit = Schemas["Audit"];

/** The fields that some kinds of operations have, and others have not. */
export type AnyFields = Partial<{
  userId: string;
  fromUserId: string;
  toUserId: string;
  serviceId: string;
  serviceName: string;
  orderId: string;
  reservationId: string;
  reservationIds: string[];
  recognitionId: string;
  amount: string;
  currency: string;
  final: boolean;
  refunded: string;
  refundable: string;
  released: string;
  comment: string;
  source: string;
  destination: string;
  reference: string;
  metadata: Record<string, string>;
  ttlSeconds: number;
  expiresAt: string;
  by: string;
  reason: string;
  code: Schemas["DeclineCode"];
  completedAt: string;
  balance: Schemas["BalanceAfter"];
}>;

/** An operation with the fields of every kind, as far as it has them. */
export function fieldsOf(operation: Operation): Omit<Operation, keyof AnyFields> & AnyFields {
  return operation as Omit<Operation, keyof AnyFields> & AnyFields;
}
