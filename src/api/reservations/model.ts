import { t } from "elysia";
import { Money, moneyOf, OrderId, ReservationId, ServiceId, Time, UserId } from "../fields.ts";
import { allOf } from "../openapi/components.ts";
import { Operation } from "../operations/model.ts";
import { listOf, pageParameters } from "../paging/pages.ts";

const exact = { additionalProperties: false };

const ReservationState = t.Union([t.Literal("open"), t.Literal("settled")], {
  description: "Open until nothing remains.",
});

const refundedMoney = t.String(moneyOf("The part of `recognized` that was refunded."));

const fields = {
  reservationId: ReservationId,
  userId: UserId,
  serviceId: ServiceId,
  orderId: OrderId,
  state: ReservationState,
  reserved: Money,
  recognized: Money,
  released: Money,
  expired: Money,
  refunded: refundedMoney,
  remaining: Money,
  expiresAt: Time,
  createdAt: Time,
  workflowId: t.String({ description: "The saga that watches over the reservation." }),
  links: t.Object({ reservation: t.String(), temporal: t.String() }, { title: "ReservationLinks" }),
};

export const ReservationSummary = t.Object(fields, { title: "ReservationSummary" });

const operations = t.Array(Operation, { description: "In the order of posting." });
export const ReservationWithOperations = allOf("Reservation", ReservationSummary, t.Object({ operations }));

export const ReservationsPath = t.Object({ userId: UserId });

export const ReservationsQuery = t.Object(
  {
    state: t.Optional(
      t.Union([t.Literal("open"), t.Literal("settled")], {
        description: "Only reservations in this state; both states by default.",
        error: "must be open or settled",
      }),
    ),
    ...pageParameters,
  },
  exact,
);

export const ReservationsOfAllQuery = t.Object(
  {
    state: t.Optional(
      t.Union([t.Literal("open"), t.Literal("settled"), t.Literal("expired"), t.Literal("overdue")], {
        description:
          "`overdue`: open, past the deadline. `expired`: a part of it, or all, returned to the user by time. `settled` needs an `orderId`.",
        error: "must be open, settled, expired or overdue",
      }),
    ),
    orderId: t.Optional(OrderId),
    ...pageParameters,
  },
  exact,
);

export const ReservationList = listOf(ReservationSummary);
