import { uniqueUserId } from "../ledger/operations.ts";
import { BAD_AMOUNTS, BAD_BOOLEANS, BAD_IDS, BAD_NAMES, BAD_TEXTS, BAD_TTLS, BAD_UUIDS } from "./badInput.ts";

/** A route with a good request, its required fields, and bad values for each field. */
export type Route = {
  path: string;
  kind: string;
  body: Record<string, unknown>;
  required: string[];
  fields: Record<string, unknown[]>;
  /** The expected status of the good request: 200 unless it is declined. A decline consumes the key too. */
  status?: number;
};

export function moneyRoutes(payer: string): Route[] {
  return [
    {
      path: "/v1/deposits",
      kind: "deposit",
      body: { userId: payer, amount: "1.00", comment: "c", source: "s" },
      required: ["userId", "amount"],
      fields: { userId: BAD_IDS, amount: BAD_AMOUNTS, comment: BAD_TEXTS, source: BAD_TEXTS },
    },
    {
      path: "/v1/withdrawals",
      kind: "withdrawal",
      body: { userId: payer, amount: "1.00", comment: "c", destination: "d" },
      required: ["userId", "amount"],
      fields: { userId: BAD_IDS, amount: BAD_AMOUNTS, comment: BAD_TEXTS, destination: BAD_TEXTS },
    },
    {
      path: "/v1/transfers",
      kind: "transfer",
      body: { fromUserId: payer, toUserId: uniqueUserId("payee"), amount: "1.00", comment: "c" },
      required: ["fromUserId", "toUserId", "amount"],
      fields: { fromUserId: BAD_IDS, toUserId: BAD_IDS, amount: BAD_AMOUNTS, comment: BAD_TEXTS },
    },
  ];
}

export function reservationRoutes(payer: string): Route[] {
  const order = { userId: payer, serviceId: "ads", orderId: uniqueUserId("order") };
  const badOrder = { userId: BAD_IDS, serviceId: BAD_IDS, orderId: BAD_IDS };
  const unknown = crypto.randomUUID();
  return [
    {
      path: "/v1/reservations",
      kind: "reservation",
      body: {
        userId: order.userId,
        serviceId: order.serviceId,
        serviceName: "Ads",
        orderId: order.orderId,
        amount: "1.00",
        ttlSeconds: 60,
        comment: "c",
      },
      required: ["userId", "serviceId", "orderId", "amount"],
      fields: { ...badOrder, serviceName: BAD_NAMES, amount: BAD_AMOUNTS, ttlSeconds: BAD_TTLS, comment: BAD_TEXTS },
    },
    {
      path: "/v1/recognitions",
      kind: "recognition",
      body: { ...order, orderId: "none", amount: "1.00", comment: "c" },
      required: ["userId", "serviceId", "orderId", "amount"],
      fields: { ...badOrder, amount: BAD_AMOUNTS, comment: BAD_TEXTS },
      status: 422,
    },
    {
      path: "/v1/releases",
      kind: "release",
      body: { ...order, orderId: "none", comment: "c" },
      required: ["userId", "serviceId", "orderId"],
      fields: { ...badOrder, comment: BAD_TEXTS },
      status: 422,
    },
    {
      path: `/v1/reservations/${unknown}/recognitions`,
      kind: "recognition",
      body: { amount: "1.00", final: false, comment: "c" },
      required: [],
      fields: { amount: BAD_AMOUNTS, final: BAD_BOOLEANS, comment: BAD_TEXTS },
      status: 422,
    },
    {
      path: `/v1/reservations/${unknown}/releases`,
      kind: "release",
      body: { amount: "1.00", comment: "c" },
      required: [],
      fields: { amount: BAD_AMOUNTS, comment: BAD_TEXTS },
      status: 422,
    },
    {
      path: `/v1/reservations/${unknown}/extensions`,
      kind: "extension",
      body: { ttlSeconds: 60 },
      required: ["ttlSeconds"],
      fields: { ttlSeconds: BAD_TTLS },
      status: 422,
    },
    {
      path: "/v1/refunds",
      kind: "refund",
      body: { recognitionId: unknown, amount: "1.00", comment: "c" },
      required: ["recognitionId"],
      fields: { recognitionId: BAD_UUIDS, amount: BAD_AMOUNTS, comment: BAD_TEXTS },
      status: 422,
    },
  ];
}
