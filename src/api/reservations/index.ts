import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import { ReservationPath } from "../operations/reservations.ts";
import {
  ReservationList,
  ReservationsOfAllQuery,
  ReservationsPath,
  ReservationsQuery,
  ReservationWithOperations,
} from "./model.ts";
import type { Reservations } from "./service.ts";

const tags = ["Reservations"];
const detail = { tags, security: [{ bearer: ["balance:read"] }] };

/** GET /v1/reservations/{reservationId}, GET /v1/users/{userId}/reservations, GET /v1/reservations */
export function reservations(requireScope: Authentication, service: Reservations) {
  const ofAll = new Elysia()
    .use(requireScope("operations:read"))
    .get("/v1/reservations", ({ query }) => service.listOfAll(query), {
      query: ReservationsOfAllQuery,
      response: {
        200: answer(ReservationList),
        ...problemResponses(...REFUSALS, "invalid_cursor", "ledger_unavailable"),
      },
      detail: {
        tags,
        security: [{ bearer: ["operations:read"] }],
        operationId: "findReservations",
        summary: "Find reservations of all users",
        description:
          "By `state`, by `orderId`, or by both. Those of an order come by user, service and age. Expired ones come with the latest deadline first, open and overdue ones with the earliest. An extension moves a reservation to its new deadline.",
      },
    });
  const ofOneUser = new Elysia()
    .use(requireScope("balance:read"))
    .get("/v1/reservations/:reservationId", ({ params }) => service.read(params.reservationId), {
      params: ReservationPath,
      query: NoQuery,
      response: {
        200: answer(Type.Unsafe<Awaited<ReturnType<Reservations["read"]>>>(ReservationWithOperations)),
        ...problemResponses(...REFUSALS, "reservation_unknown", "ledger_unavailable"),
      },
      detail: { ...detail, operationId: "getReservation", summary: "Read a reservation and its operations" },
    })
    .get("/v1/users/:userId/reservations", ({ params, query }) => service.list(params.userId, query), {
      params: ReservationsPath,
      query: ReservationsQuery,
      response: {
        200: answer(ReservationList),
        ...problemResponses(...REFUSALS, "invalid_cursor", "account_unknown", "ledger_unavailable"),
      },
      detail: {
        ...detail,
        operationId: "listReservations",
        summary: "List the reservations of a user, the newest first",
      },
    });
  return new Elysia().use(ofOneUser).use(ofAll);
}
