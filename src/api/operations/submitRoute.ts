import type { Static, TObject, TSchema } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { DeclineCode, OperationOf, RequestOfKind } from "../../ledger/operations.ts";
import type { Authentication } from "../auth/authentication.ts";
import { NoQuery } from "../fields.ts";
import { jsonBody } from "../http/body.ts";
import { invalidRequest } from "../http/fieldErrors.ts";
import type { FieldError } from "../http/problems.ts";
import { requestIdOf } from "../http/requestId.ts";
import { named, titleOf } from "../openapi/components.ts";
import { answer, problemResponses, REFUSALS } from "../openapi/responses.ts";
import type { SubmittedKind } from "./model.ts";
import { SCOPES } from "./scopes.ts";
import type { Operations } from "./service.ts";
import { answerSubmission, SubmissionHeaders } from "./submission.ts";
import type { OperationBody } from "./view.ts";

/** A route that moves money, by the properties that differ between such routes. */
export type SubmitRoute<Kind extends SubmittedKind = SubmittedKind, Body extends TObject = TObject> = {
  path: `/v1/${string}`;
  kind: Kind;
  /** The request's fields in the path. */
  params?: TObject;
  body: Body;
  /** Finds errors that no schema expresses. */
  check?: (body: Static<Body>) => FieldError[];
  declines: readonly DeclineCode[];
  operationId: string;
  detail: { tags: string[]; summary: string; description?: string };
};

const ACCEPTED = "Accepted: a workflow carries it. This is not success; deliver nothing before `completed`.";

/** The fields of a kind's request, without the reservation's id where the path has it. */
type Fields<Kind extends SubmittedKind> = WithoutId<OperationOf<Kind>["request"]>;
type WithoutId<Request> = Request extends { reservationId: string } ? Omit<Request, "reservationId"> : Request;

/** Returns the route unchanged. The compiler compares its body with the request of its kind. */
export function defineSubmitRoute<
  Kind extends SubmittedKind,
  Body extends TObject & TSchema & { static: Fields<Kind> },
>(route: SubmitRoute<Kind, Body>): SubmitRoute {
  return route as unknown as SubmitRoute;
}

export type SubmitDependencies = {
  requireScope: Authentication;
  operations: Operations;
  /** How long the answer waits for the outcome where the request has no preference. */
  defaultWaitSeconds: number;
};

/** Adds a route that moves money. */
export function submitRoute({ requireScope, operations, defaultWaitSeconds }: SubmitDependencies, route: SubmitRoute) {
  const { path, kind, params, body, check, declines, operationId, detail } = route;
  return new Elysia().use(requireScope(...SCOPES[kind])).post(
    path,
    async ({ body: fields, params: pathFields, caller, request, headers, set }) => {
      const errors = check?.(fields) ?? [];
      if (errors.length > 0) throw invalidRequest(errors);
      const operationRequest = { kind, request: params ? { ...pathFields, ...fields } : fields } as RequestOfKind;
      const context = { caller, request, headers, requestId: requestIdOf(set), defaultWaitSeconds };
      const response = await answerSubmission(operations, operationRequest, context);
      set.status = response.status;
      Object.assign(set.headers, response.headers);
      return response.body;
    },
    {
      ...jsonBody,
      headers: SubmissionHeaders,
      query: NoQuery,
      ...(params && { params }),
      body,
      response: {
        // Typed as any operation; the document has the schema of the kind.
        200: answer(named<OperationBody>(titleOf("completed", kind), "The operation is in the ledger.")),
        202: answer(named<OperationBody>("AcceptedOperation", ACCEPTED)),
        ...problemResponses(
          ...REFUSALS,
          "idempotency_key_required",
          "idempotency_key_invalid",
          "body_too_large",
          "unsupported_media_type",
          ...declines,
          "refused_by_ledger",
          "idempotency_payload_mismatch",
          "backpressure",
          "temporal_unavailable",
          "ledger_unavailable",
          "outcome_unknown",
        ),
      },
      detail: { operationId, security: SCOPES[kind].map((scope) => ({ bearer: [scope] })), ...detail },
    },
  );
}
