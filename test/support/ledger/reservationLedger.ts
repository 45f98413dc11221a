import { formatAmount } from "../../../src/ledger/money.ts";
import {
  differingFields,
  type Operation,
  type Outcome,
  type ReservationFields,
} from "../../../src/ledger/operations.ts";
import type { Posted } from "../../../src/ledger/posted.ts";
import type { StoredOperation } from "../../../src/ledger/records.ts";
import type { Expired } from "../../../src/postgres/posting/expire.ts";
import { deposit } from "./operations.ts";
import { reservation, uniqueOrder } from "./reservationOperations.ts";
import { createTestLedger, DEFAULT_TTL_SECONDS } from "./testLedger.ts";

/** An entry: kind, amount, its changes of available and reserved, and both balances after it. */
export type EntrySummary = [kind: string, amount: string, moved: [string, string], left: [string, string]];

/** An outcome with values from the row of its operation. */
export type PostedOutcome = Outcome & {
  /** The balance after it, where it made an entry. */
  balance?: { available: string; reserved: string; version: number };
  /** Time from its posting to the deadline that it set. */
  dueInMs?: number;
  /** Fields that differ from the stored request of the same key. */
  differingFields?: string[];
};

export type ReservationLedger = Awaited<ReturnType<typeof createReservationLedger>>;

/** A ledger on a new database with helpers for reservations. */
export async function createReservationLedger(...database: Parameters<typeof createTestLedger>) {
  const ledger = await createTestLedger(...database);
  const { rows } = ledger;

  async function postAll(...operations: Operation[]): Promise<PostedOutcome[]> {
    return withRows(operations, await ledger.post(`carrier-${crypto.randomUUID()}`, operations));
  }

  return {
    ...ledger,
    /** Posts a list as one carrier. */
    postAll,

    /** Posts one operation alone. @returns its outcome */
    postOne: async (operation: Operation): Promise<PostedOutcome> => (await postAll(operation))[0]!,

    /** An order of a new user with this balance. */
    async fundedOrder(amount: string): Promise<ReservationFields> {
      const order = uniqueOrder();
      await postAll(deposit(order.userId, amount));
      return order;
    },

    /** Opens a reservation for this order. @returns its id */
    async reserve(order: ReservationFields, amount: string, ttlSeconds = DEFAULT_TTL_SECONDS): Promise<string> {
      const [outcome] = await postAll(reservation(order, amount, { ttlSeconds }));
      if (outcome?.status !== "completed") throw new Error(`Not reserved: ${JSON.stringify(outcome)}`);
      return outcome.operationId;
    },

    /** Expires those of these reservations that are due, as a sweep does. */
    async expireByIds(workflowId: string, ...reservationIds: string[]): Promise<Expired> {
      const found = await ledger.findReservations(reservationIds);
      const due = found.map(({ reservationId, userId }) => ({ reservationId, userId, overdueMs: 0 }));
      return await ledger.expire(workflowId, due, { by: "sweep" });
    },

    /** All entries of the user, in order. */
    async entriesOf(userId: string): Promise<EntrySummary[]> {
      const found = await rows(
        `select kind, amount_minor, array[available_delta_minor, reserved_delta_minor] as moved,
           array[available_after_minor, reserved_after_minor] as left_over
         from entries where user_id = $1 order by version`,
        [userId],
      );
      const [format, pair] = [formatAmount, (both: string[]) => both.map((one) => formatAmount(BigInt(one)))];
      return found.map(
        (row) => [row.kind, format(row.amount_minor), pair(row.moved), pair(row.left_over)] as EntrySummary,
      );
    },

    /** Parts of a reservation: recognized, released, expired and remaining. */
    async partsOf(reservationId: string): Promise<[string, string, string, string]> {
      const [row] = await rows(
        "select recognized_minor, released_minor, expired_minor, remaining_minor from reservations where id = $1",
        [reservationId],
      );
      return Object.values(row!).map(formatAmount) as [string, string, string, string];
    },

    /** Revenue rows of the service. */
    async revenueOf(serviceId: string): Promise<string[]> {
      const found = await rows(
        "select amount_minor from revenue where service_id = $1 order by created_at, amount_minor desc",
        [serviceId],
      );
      return found.map((row) => formatAmount(row.amount_minor));
    },

    /** Moves the deadlines one second into the past, since tests cannot wait for them. */
    async passDeadline(...reservationIds: string[]): Promise<void> {
      await rows(
        "update reservations set expires_at = date_trunc('milliseconds', clock_timestamp()) - interval '1 s' where id = any ($1)",
        [reservationIds],
      );
    },
  };
}

/** The outcomes of a posting with values from the operations' rows. */
export function withRows(
  operations: readonly Operation[],
  { outcomes, operations: decided, stored }: Posted,
): PostedOutcome[] {
  const rows = new Map([...decided, ...stored].map((row) => [row.operationId, row]));
  return outcomes.map((outcome, index) => withRow(outcome, operations[index]!, rows.get(outcome.operationId)!));
}

function withRow(outcome: Outcome, operation: Operation, row: StoredOperation): PostedOutcome {
  if (outcome.status === "mismatched") return { ...outcome, differingFields: differingFields(operation, row) };
  const { balance, expiresAt, completedAt } = row;
  return {
    ...outcome,
    ...(balance && {
      balance: {
        available: formatAmount(balance.availableMinor),
        reserved: formatAmount(balance.reservedMinor),
        version: balance.version,
      },
    }),
    ...(expiresAt && { dueInMs: expiresAt.getTime() - completedAt.getTime() }),
  };
}
