import type { ProblemCode } from "../http/problems.ts";
import { type Components, titleOf } from "./components.ts";
import { BATCH, EXAMPLES, order, reservationId, type Step } from "./examples.ts";
import { type Action, headersOf } from "./headers.ts";
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
type Response = Schema & {
  title?: string;
  description?: string;
  codes?: ProblemCode[];
  headers?: Schema;
  content?: Content;
};
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
const FILTERS_WITH_EXAMPLE: Record<string, string> = { findReservations: "orderId", listOperations: "orderId" };

/**
 * Corrects a route of the document, in place.
 *
 * The generator lists three media types where Saldo uses one, and writes examples in a form that OpenAPI 3.0 does not
 * have. Scopes, which OpenAPI 3.0 allows for OAuth only, are moved to the description.
 */
export function finishRoute(route: GeneratedRoute, components: Components): void {
  const step = STEPS[route.operationId];
  route.description = [route.description, describeScope(route)].filter(Boolean).join("\n\n");
  // The document requires the token for all routes.
  if (route.security?.length) delete route.security;
  route.parameters = (route.parameters ?? []).map((parameter) =>
    finishParameter(parameter, step?.key, FILTERS_WITH_EXAMPLE[route.operationId]),
  );
  if (route.requestBody) {
    const schema = tidySchema(route.requestBody.content);
    const example = step?.body ?? exampleOf(schema);
    // A body may be omitted where all its fields are optional.
    const required = Array.isArray(schema.required) && schema.required.length > 0;
    schema.title ??= titleOf(route.operationId, "request");
    route.requestBody = { required, content: { "application/json": { schema, example } } };
  }
  for (const [status, generated] of Object.entries(route.responses ?? {})) {
    route.responses![status] = finishResponse(route, status, generated, components);
  }
}

/** A response of the route. Those of problems and of accepted operations are named, since routes share them. */
function finishResponse(route: GeneratedRoute, status: string, generated: Response, components: Components): Response {
  const step = STEPS[route.operationId];
  // The 503 of a process that is not ready is not a problem document.
  const isState = route.operationId === "getReadiness";
  const does = doesOf(route, step);
  const { title, description = "The response.", codes, content = {} } = generated;
  const headers = headersOf(isState ? "200" : status, does);
  // The generator moves the title and the description of an object to the response.
  const words = title && { title, ...(generated.description && { description }) };
  const schema = { ...tidySchema(content), ...words } as Schema;
  if (codes) {
    return components.name("responses", titleOfProblems(route, status, codes), {
      description: codes.map((code) => `\`${code}\``).join(", "),
      "x-codes": codes,
      ...headers,
      content: { "application/problem+json": { schema } },
    });
  }
  const media: Media = { schema };
  const examples = isState ? undefined : RESPONSE_EXAMPLES[route.operationId];
  // A schema without an example of its own has those of its properties.
  if (step) media.example = status === "202" ? step.pending : step.completed;
  else if (examples) media.examples = toExamples(examples);
  const csv = CSV_EXAMPLES[route.operationId];
  const forms = { [mediaTypeOf(content)]: media, ...(csv && { "text/csv": describeCsv(csv) }) };
  const response = { description, ...headers, content: forms };
  if (does !== "operation" || status !== "202") return response;
  media.example = EXAMPLES.deposit.pending;
  return components.name("responses", "OperationAccepted", { ...response, links: OPERATION_LINKS });
}

/** The link from an accepted operation to its outcome. */
const OPERATION_LINKS = {
  operation: {
    operationId: "getOperation",
    parameters: { operationId: "$response.body#/operationId", workflowId: "$response.body#/workflowId" },
    description: "The state of the operation, and its outcome once it is finished.",
  },
};

/** The name of a problem response: its codes. Declines are different for each route, and named after it. */
function titleOfProblems({ operationId }: GeneratedRoute, status: string, codes: ProblemCode[]): string {
  if (status === "422") return titleOf(operationId, "declined");
  return codes.map((code) => titleOf(...code.split("_"))).join("Or");
}

function doesOf({ operationId }: GeneratedRoute, step: Step | undefined): Action | undefined {
  if (operationId === "runAudit") return "audit";
  if (operationId === "getOperation") return "wait";
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

function tidySchema(content: Content): Schema {
  return tidy((content["application/json"] as Media).schema) as Schema;
}

function toExamples(examples: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]));
}

function describeScope({ security }: GeneratedRoute): string {
  if (security?.length === 0) return "Needs no token.";
  // Alternatives: one of them is enough.
  const scopes = security?.flatMap(({ bearer }) => bearer ?? []) ?? [];
  return scopes.length > 0 ? `Scope: ${scopes.map((scope) => `\`${scope}\``).join(" or ")}.` : "Any token will do.";
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
    description: isKey ? "Identifies the operation." : description,
    // The generator moves the description and the example of a schema to the parameter. A named schema has its own.
    schema: schema.title ? { description, ...(example !== undefined && { example }), ...finished } : finished,
    // Several values are separated by commas.
    ...(finished.type === "array" && { explode: false }),
    // The page sends the examples. Optional filters have none, since they would hide results.
    ...(shown !== undefined && (required || place === "header" || name === leadingFilter) && { example: shown }),
  };
}
