import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import { ReservationPath } from "../operations/reservations.ts";
import { ReservationList, ReservationsPath, ReservationsQuery, ReservationWithOperations } from "./model.ts";
import type { Reservations } from "./service.ts";

const detail = { tags: ["Reservations"], security: [{ bearer: ["balance:read"] }] };

/** GET /v1/reservations/{reservationId}, GET /v1/users/{userId}/reservations */
export function reservations(requireScope: Authentication, service: Reservations) {
  return new Elysia()
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
}
