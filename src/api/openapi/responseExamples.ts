import { EXAMPLES, order, reservationId } from "./examples.ts";

const { deposit, withdraw, reserve, releaseReservation } = EXAMPLES;

/** The reservation before its first settlement. */
const reservation = {
  reservationId,
  ...order,
  state: "open",
  reserved: "600.00",
  recognized: "0.00",
  released: "0.00",
  expired: "0.00",
  refunded: "0.00",
  remaining: "600.00",
  expiresAt: reserve.expiresAt,
  createdAt: reserve.completed.completedAt,
  workflowId: reserve.completed.workflowId,
  links: { reservation: `/v1/reservations/${reservationId}`, temporal: reserve.completed.links.temporal },
};

/** Example responses of the routes that read, by operation id and name. They follow the requests of `EXAMPLES`. */
export const RESPONSE_EXAMPLES: Record<string, Record<string, unknown>> = {
  getReservation: { open: { ...reservation, operations: [reserve.completed] } },
  listReservations: { page: { items: [reservation], nextCursor: null } },
  findReservations: { page: { items: [reservation], nextCursor: null } },
  getOperation: {
    completed: deposit.completed,
    declined: {
      ...withdraw.pending,
      status: "declined",
      code: "insufficient_funds",
      ...withdraw.body,
      currency: "RUB",
      createdAt: withdraw.completed.createdAt,
      completedAt: withdraw.completed.completedAt,
    },
    pending: { ...deposit.pending, ...deposit.body, currency: "RUB", createdAt: deposit.completed.createdAt },
  },
  listOperations: { page: { items: [deposit.completed], nextCursor: null } },
  getBalance: {
    cache: {
      userId: order.userId,
      available: "200.00",
      reserved: "400.00",
      version: 6,
      currency: "RUB",
      asOf: releaseReservation.completed.completedAt,
      source: "cache",
    },
    past: {
      userId: order.userId,
      available: "0.00",
      reserved: "0.00",
      version: 0,
      currency: "RUB",
      asOf: "2026-10-31T21:00:00.000Z",
      source: "ledger",
    },
  },
  getRevenueReport: {
    final: {
      month: "2026-10",
      status: "final",
      url: "http://localhost:3000/v1/reports/revenue/2026-10.csv?expires=1793530800&signature=…",
      sha256: "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592",
      total: "1500.00",
      generatedAt: "2026-11-01T00:00:12.345Z",
    },
    provisional: {
      month: "2026-11",
      status: "provisional",
      url: "http://localhost:3000/v1/reports/revenue/2026-11.csv?expires=1795442400&signature=…",
      sha256: null,
      total: "550.00",
      generatedAt: "2026-11-23T12:00:00.000Z",
    },
  },
  getBalancesReport: {
    final: {
      month: "2026-10",
      status: "final",
      url: "http://localhost:3000/v1/reports/balances/2026-10.csv?expires=1793530800&signature=…",
      sha256: "6bdd2ef0ad48c44b5a45e0df1a8ba6cbcdc9e1df4b4b0d7b6ee4a1c3d3d7b1ff",
      generatedAt: "2026-11-01T00:00:12.789Z",
      currency: "RUB",
      opening: { available: "800.00", reserved: "200.00", total: "1000.00" },
      deposits: "2500.00",
      withdrawals: "400.00",
      revenue: "1520.00",
      refunds: "20.00",
      closing: { available: "1300.00", reserved: "300.00", total: "1600.00" },
    },
  },
  getReadiness: { ready: { status: "ready", parts: { postgres: "up", redis: "up", temporal: "up", kafka: "up" } } },
};

/** Example responses as CSV, by operation id. */
export const CSV_EXAMPLES: Record<string, string> = {
  listTransactions: `operationId;workflowId;kind;amount;availableDelta;reservedDelta;availableAfter;reservedAfter;version;counterpartyUserId;serviceId;serviceName;orderId;reservationId;source;destination;comment;reference;metadata;description;createdAt
${deposit.completed.operationId};${deposit.completed.workflowId};deposit;1000.00;1000.00;0.00;1000.00;0.00;1;;;;;;visa;;Top-up by card;;;You received 1000.00 RUB from visa. Comment: “Top-up by card”;${deposit.completed.completedAt}
`,
};
