import { formatAmount } from "../../ledger/money.ts";
import {
  type ListedReservation,
  type ReservationPage,
  type ReservationsOfAllPage,
  remainingMinor,
  type StoredOperation,
  type WatchedReservation,
} from "../../ledger/records.ts";
import { invalidRequest } from "../http/fieldErrors.ts";
import { orUnavailable, Problem } from "../http/problems.ts";
import type { OperationView } from "../operations/view.ts";
import type { Cursors } from "../paging/cursors.ts";
import { type PageQuery, readPage } from "../paging/pages.ts";

type Position = NonNullable<ReservationPage["after"]>;

export type ReservationsDependencies = {
  readReservation(
    reservationId: string,
  ): Promise<{ reservation: WatchedReservation; operations: StoredOperation[] } | undefined>;
  listReservations(userId: string, page: ReservationPage): Promise<ListedReservation[]>;
  findReservationsOfAll(page: ReservationsOfAllPage): Promise<ListedReservation[]>;
  /** Undefined where the user has had no credit yet. */
  readBalance(userId: string): Promise<unknown>;
  view: OperationView;
  cursors: Cursors;
};

export type ListQuery = PageQuery & { state?: "open" | "settled" };
export type OfAllQuery = PageQuery & { state?: NonNullable<ReservationsOfAllPage["state"]>; orderId?: string };

export type Reservations = ReturnType<typeof createReservations>;

export function createReservations(dependencies: ReservationsDependencies) {
  const { readReservation, listReservations, findReservationsOfAll, readBalance, view, cursors } = dependencies;

  function summarize(one: WatchedReservation) {
    const remaining = remainingMinor(one);
    return {
      reservationId: one.reservationId,
      userId: one.userId,
      serviceId: one.serviceId,
      orderId: one.orderId,
      state: remaining > 0n ? ("open" as const) : ("settled" as const),
      reserved: formatAmount(one.amountMinor),
      recognized: formatAmount(one.recognizedMinor),
      released: formatAmount(one.releasedMinor),
      expired: formatAmount(one.expiredMinor),
      refunded: formatAmount(one.refundedMinor),
      remaining: formatAmount(remaining),
      expiresAt: one.expiresAt.toISOString(),
      createdAt: one.createdAt.toISOString(),
      workflowId: one.sagaWorkflowId,
      links: { reservation: `/v1/reservations/${one.reservationId}`, temporal: view.temporalLink(one.sagaWorkflowId) },
    };
  }

  return {
    /**
     * A reservation with its operations. Its id may be in either case.
     *
     * @throws Problem `reservation_unknown`, `ledger_unavailable`
     */
    async read(reservationId: string) {
      const found = await orUnavailable(readReservation(reservationId.toLowerCase()));
      if (!found) throw new Problem("reservation_unknown");
      return { ...summarize(found.reservation), operations: found.operations.map(view.finished) };
    },

    /**
     * A page of a user's reservations, the newest first.
     *
     * @throws Problem `invalid_cursor`, `account_unknown`, `ledger_unavailable`
     */
    async list(userId: string, { state, ...query }: ListQuery) {
      const { found, nextCursor } = await readPage<ListedReservation>(cursors, query, {
        name: JSON.stringify(["reservations", userId, state]),
        async read(position, limit) {
          const after = position === undefined ? undefined : parsePosition(position);
          const listed = await orUnavailable(listReservations(userId, { state, after, limit }));
          // A reservation proves that the account exists.
          if (listed.length === 0 && !(await orUnavailable(readBalance(userId)))) throw new Problem("account_unknown");
          return listed;
        },
        positionOf: formatPosition,
      });
      return { items: found.map(summarize), nextCursor };
    },

    /**
     * A page of the reservations of all users.
     *
     * @throws Problem `invalid_request`, `invalid_cursor`, `ledger_unavailable`
     */
    async listOfAll({ state, orderId, ...query }: OfAllQuery) {
      if (orderId === undefined && (state === undefined || state === "settled")) {
        const message = state === undefined ? "is required without a state" : "is required with state=settled";
        throw invalidRequest([{ field: "orderId", message }]);
      }
      const { found, nextCursor } = await readPage<ListedReservation>(cursors, query, {
        name: JSON.stringify(["reservations of all", state, orderId]),
        read: (position, limit) => {
          const after = position === undefined ? undefined : parsePositionOfAll(position);
          return orUnavailable(findReservationsOfAll({ state, orderId, after, limit }));
        },
        positionOf: formatPositionOfAll,
      });
      return { items: found.map(summarize), nextCursor };
    },
  };
}

type PositionOfAll = NonNullable<ReservationsOfAllPage["after"]>;

/** The keys of both orders. */
function formatPositionOfAll({ userId, serviceId, ordinal, expiresAt, reservationId }: PositionOfAll): string {
  return JSON.stringify([userId, serviceId, `${ordinal}`, expiresAt.getTime(), reservationId]);
}

function parsePositionOfAll(position: string): PositionOfAll {
  const [userId, serviceId, ordinal, expiresAtMs, reservationId] = JSON.parse(position);
  return { userId, serviceId, ordinal: BigInt(ordinal), expiresAt: new Date(expiresAtMs), reservationId };
}

function formatPosition({ createdAt, reservationId }: Position): string {
  return `${createdAt.getTime()}:${reservationId}`;
}

function parsePosition(position: string): Position {
  const [createdAtMs, reservationId] = position.split(":") as [string, string];
  return { createdAt: new Date(Number(createdAtMs)), reservationId };
}
