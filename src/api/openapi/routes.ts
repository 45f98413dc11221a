import type { FieldError, ProblemCode } from "../http/problems.ts";
import { BATCH, EXAMPLES, order, reservationId, type Step } from "./examples.ts";
import { headersOf } from "./headers.ts";
import { problemExamples } from "./problemExamples.ts";
import { CSV_EXAMPLES, RESPONSE_EXAMPLES } from "./responseExamples.ts";
import { exampleOf, type Schema, tidy } from "./schemas.ts";

/** A route of the generator's document, with the members that are read here. */
export type GeneratedRoute = {
  operationId: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { content: Content; required?: boolean };
  responses?: Record<string, Response>;
  security?: { bearer?: string[] }[];
};
type Response = { description?: string; headers?: object; content?: Content };
type Parameter = Schema & { name: string; required: boolean; schema: Schema };
type Media = Schema & { schema: Schema };
type Content = Record<string, Media>;

const STEPS: Record<string, Step> = { ...EXAMPLES, submitBatch: BATCH };

/** Example values of path and query parameters. */
const VALUES: Record<string, string> = {
  userId: order.userId,
  reservationId,
  operationId: EXAMPLES.deposit.completed.operationId,
  workflowId: EXAMPLES.deposit.completed.workflowId,
  orderId: order.orderId,
};

/** Optional filters with an example, by operation id: these routes need one of their filters. */
const LEADING_FILTERS: Record<string, string> = { findReservations: "orderId" };

/**
 * Corrects a route of the document, in place.
 *
 * The generator lists three media types where Saldo uses one, and writes examples in a form that OpenAPI 3.0 does not
 * have. Scopes, which OpenAPI 3.0 allows for OAuth only, are moved to the description.
 */
export function finishRoute(path: string, route: GeneratedRoute): void {
  const step = STEPS[route.operationId];
  const badField = firstField(route);
  route.description = [route.description, describeScope(route)].filter(Boolean).join("\n\n");
  if (route.security?.length) route.security = [{ bearer: [] }];
  route.parameters = (route.parameters ?? []).map((parameter) =>
    finishParameter(parameter, step?.key, LEADING_FILTERS[route.operationId]),
  );
  if (route.requestBody) {
    const media = tidyContent(route.requestBody.content);
    media.example = step?.body ?? exampleOf(media.schema);
    // A body may be omitted where all its fields are optional.
    const required = Array.isArray(media.schema.required) && media.schema.required.length > 0;
    route.requestBody = { required, content: { "application/json": media } };
  }
  for (const [status, { description = "The response.", content }] of Object.entries(route.responses ?? {})) {
    // The 503 of a process that is not ready is not a problem document.
    const isState = route.operationId === "getReadiness";
    const isProblem = Number(status) >= 400 && !isState;
    // Replaced as a whole: the generator copies other members of the schema into the response.
    const response: Response = { description, ...headersOf(isState ? "200" : status, doesOf(route, step)) };
    route.responses![status] = response;
    if (!content) continue;
    const mediaType = isProblem ? "application/problem+json" : mediaTypeOf(content);
    const media = tidyContent(content);
    const csv = CSV_EXAMPLES[route.operationId];
    response.content = { [mediaType]: media, ...(csv && status === "200" && { "text/csv": describeCsv(csv) }) };
    if (isProblem) media.examples = problemExamples(codesOf(media), instanceOf(path, route), badField);
    else if (step) media.example = status === "202" ? step.pending : step.completed;
    else
      media.examples = toExamples(
        (Number(status) < 400 && RESPONSE_EXAMPLES[route.operationId]) || { example: exampleOf(media.schema) },
      );
  }
}

function doesOf({ operationId }: GeneratedRoute, step: Step | undefined): "operation" | "batch" | "audit" | undefined {
  if (operationId === "runAudit") return "audit";
  return step && (step.key ? "operation" : "batch");
}

/** The media type of a successful response: JSON, unless its schema has another one. */
function mediaTypeOf(content: Content): string {
  const { schema } = content["application/json"] as Media;
  return String(schema.contentMediaType ?? "application/json");
}

/** The other form of a list, for `Accept: text/csv`. */
function describeCsv(example: string): Media {
  return {
    schema: {
      type: "string",
      description: "The whole list: a header, then a line for each item. Semicolons, line feeds, UTF-8.",
    },
    example,
  };
}

function tidyContent(content: Content): Media {
  return tidy(content["application/json"]) as Media;
}

function codesOf({ schema }: Media): ProblemCode[] {
  return (schema.properties as { code: { enum: ProblemCode[] } }).code.enum;
}

function toExamples(examples: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]));
}

function describeScope({ security, description }: GeneratedRoute): string {
  if (security?.length === 0) return "Needs no token.";
  // The description of a batch contains it.
  if (description?.endsWith("the scope of its kind.")) return "";
  const scopes = security?.flatMap(({ bearer }) => bearer ?? []) ?? [];
  return scopes.length > 0 ? `Scope: \`${scopes.join(" ")}\`.` : "Any token will do.";
}

/**
 * Corrects a parameter, and marks the Idempotency-Key header as required.
 *
 * The validator has it optional, since a missing key has an error code of its own.
 */
function finishParameter(generated: Parameter, key: string | undefined, leadingFilter: string | undefined): Parameter {
  const { name, in: place, required, description, schema, ...words } = generated;
  const { example, ...finished } = tidy({ ...schema, ...words }) as Schema;
  const spelled = { "idempotency-key": "Idempotency-Key", prefer: "Prefer" }[name] ?? name;
  const isKey = spelled === "Idempotency-Key";
  const shown = isKey ? key : (VALUES[name] ?? example);
  return {
    name: spelled,
    in: place,
    required: isKey || required,
    description,
    schema: finished,
    // Several values are separated by commas.
    ...(finished.type === "array" && { explode: false }),
    // The page sends the examples. Optional filters have none, since they would hide results.
    ...(shown !== undefined && (required || place === "header" || name === leadingFilter) && { example: shown }),
  };
}

/** The path of a request, with the example values. */
function instanceOf(path: string, route: GeneratedRoute): string {
  const parameters = route.parameters ?? [];
  return path.replace(/\{(\w+)\}/g, (_, name) => String(parameters.find((one) => one.name === name)?.example ?? name));
}

/** A field of the route with its error message. */
function firstField({ requestBody, parameters = [] }: GeneratedRoute): FieldError {
  const body = requestBody?.content["application/json"]?.schema.properties as Record<string, Schema> | undefined;
  const fields: [string, Schema][] = [
    ...Object.entries(body ?? {}),
    ...parameters.map((one): [string, Schema] => [one.name, one.schema]),
  ];
  const [field, schema] = fields.find(([, { error }]) => typeof error === "string") ?? ["body", {}];
  return { field, message: String(schema.error ?? "must be a JSON object") };
}
