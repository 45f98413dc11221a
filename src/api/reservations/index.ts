import { type TObject, Type } from "@sinclair/typebox";
import { Elysia, t } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { readJson } from "../http/body.ts";
import { answer, problemResponses } from "../openapi/responses.ts";
import { submissionResponses } from "../operations/responses.ts";
import type { Operations } from "../operations/service.ts";
import { answerSubmission, SubmissionHeaders } from "../operations/submission.ts";
import {
  ExtensionOfReservation,
  RecognitionOfReservation,
  ReleaseOfReservation,
  Reservation,
  ReservationList,
  ReservationPath,
  ReservationsPath,
  ReservationsQuery,
  ReservationWithOperations,
} from "./model.ts";
import type { Reservations } from "./service.ts";

const submission = { parse: readJson, headers: SubmissionHeaders, query: NoQuery } as const;
const tags = ["Reservations"];
const writing = { tags, security: [{ bearer: ["reservations:write"] }] };
const reading = { tags, security: [{ bearer: ["balance:read"] }] };

/** Everything under /v1/reservations, and GET /v1/users/{userId}/reservations */
export function reservations(requireScope: Authentication, operations: Operations, service: Reservations) {
  const writes = new Elysia()
    .use(requireScope("reservations:write"))
    .post(
      "/v1/reservations",
      ({ body, caller, headers, set }) =>
        answerSubmission(operations, { kind: "reservation", request: body }, { caller, headers, set }),
      {
        ...submission,
        body: Reservation,
        response: submissionResponses("reservation", Reservation, ["account_not_found", "insufficient_funds"]),
        detail: {
          ...writing,
          operationId: "reserve",
          summary: "Reserve a user's money for a service of an order",
          description: "Moves it from available to reserved until it is recognized, released, or expires.",
        },
      },
    )
    .post(
      "/v1/reservations/:reservationId/recognitions",
      ({ body, params, caller, headers, set }) =>
        answerSubmission(
          operations,
          { kind: "recognition", request: { ...params, ...body } },
          { caller, headers, set },
        ),
      {
        ...submission,
        params: ReservationPath,
        body: RecognitionOfReservation,
        response: submissionResponses("recognition", withPath(RecognitionOfReservation), [
          ...settledOrMissing,
          "exceeds_remaining",
        ]),
        detail: {
          ...writing,
          operationId: "recognizeReservation",
          summary: "Recognize reserved money as revenue: all that remains, or a part",
          description: "What then remains is released at once, or with `final: false` stays reserved.",
        },
      },
    )
    .post(
      "/v1/reservations/:reservationId/releases",
      ({ body, params, caller, headers, set }) =>
        answerSubmission(operations, { kind: "release", request: { ...params, ...body } }, { caller, headers, set }),
      {
        ...submission,
        params: ReservationPath,
        body: ReleaseOfReservation,
        response: submissionResponses("release", withPath(ReleaseOfReservation), [
          ...settledOrMissing,
          "exceeds_remaining",
        ]),
        detail: {
          ...writing,
          operationId: "releaseReservation",
          summary: "Give reserved money back to the user: all that remains, or a part",
        },
      },
    )
    .post(
      "/v1/reservations/:reservationId/extensions",
      ({ body, params, caller, headers, set }) =>
        answerSubmission(operations, { kind: "extension", request: { ...params, ...body } }, { caller, headers, set }),
      {
        ...submission,
        params: ReservationPath,
        body: ExtensionOfReservation,
        response: submissionResponses("extension", withPath(ExtensionOfReservation), settledOrMissing),
        detail: {
          ...writing,
          operationId: "extendReservation",
          summary: "Hold it for longer",
          description: "The deadline is then the later of the old one and now + `ttlSeconds`: never shorter.",
        },
      },
    );
  const reads = new Elysia()
    .use(requireScope("balance:read"))
    .get("/v1/reservations/:reservationId", ({ params }) => service.read(params.reservationId), {
      params: ReservationPath,
      query: NoQuery,
      response: {
        200: answer(Type.Unsafe<Awaited<ReturnType<Reservations["read"]>>>(ReservationWithOperations)),
        ...problemResponses(
          "invalid_request",
          "unauthenticated",
          "insufficient_scope",
          "reservation_unknown",
          "ledger_unavailable",
        ),
      },
      detail: {
        ...reading,
        operationId: "getReservation",
        summary: "How a reservation stands, and all that was done with it",
      },
    })
    .get("/v1/users/:userId/reservations", ({ params, query }) => service.list(params.userId, query), {
      params: ReservationsPath,
      query: ReservationsQuery,
      response: {
        200: answer(ReservationList),
        ...problemResponses(
          "invalid_request",
          "invalid_cursor",
          "unauthenticated",
          "insufficient_scope",
          "ledger_unavailable",
        ),
      },
      detail: { ...reading, operationId: "listReservations", summary: "A user's reservations, the newest first" },
    });
  return new Elysia().use(writes).use(reads);
}

/** What a request by id says in all: in its path and in its body. */
function withPath({ properties }: TObject) {
  return t.Object({ ...ReservationPath.properties, ...properties });
}

const settledOrMissing = ["reservation_not_found", "reservation_settled", "reservation_expired"] as const;
