/** What the generator makes of our routes, as far as it is read here. */
type Generated = { paths: Record<string, Record<string, GeneratedRoute>>; components?: { schemas?: object } };
type GeneratedRoute = {
  parameters?: Schema[];
  requestBody?: { content: Record<string, unknown> };
  responses?: Record<string, { description?: string; headers?: object; content?: Record<string, unknown> }>;
  security?: object[];
};
type Schema = { [member: string]: unknown };

const DESCRIPTION = `Users' balances. Every operation that moves money is carried by a workflow: the answer is 202 at once, or, with
\`Prefer: wait=N\`, the finished operation. Send an \`Idempotency-Key\` with each and repeat it with every retry: the same key is the
same operation, once. Amounts are decimal strings. Errors are RFC 9457 problems with a stable \`code\`.

Press **Authorize** and paste the token that \`./dev token\` prints.`;

const REPLAYED = "`true` where the answer repeats the outcome of an earlier identical request.";

/** What the headers of the answers say, by status: of all routes, and of those that move money. */
const HEADERS: Record<string, Record<string, string>> = {
  401: { "WWW-Authenticate": "The scheme to authenticate with." },
  503: { "Retry-After": "Seconds after which a retry is worth while." },
};
const MONEY_HEADERS: Record<string, Record<string, string>> = {
  200: { "Preference-Applied": "The `wait` that was honoured.", "Idempotency-Replayed": REPLAYED },
  202: { Location: "Where to ask for the operation." },
  422: { "Idempotency-Replayed": REPLAYED },
};

/**
 * The document that is served: the generator's, made exact. It names three media types where Saldo speaks one, gives examples in a form
 * that OpenAPI 3.0 does not have, and leaves words of the validator in the schemas.
 */
export function openApiDocument(generated: unknown) {
  const document = structuredClone(generated) as Generated & Record<string, unknown>;
  document.info = { ...(document.info as object), description: DESCRIPTION, license: { name: "MIT" } };
  document.servers = [{ url: "/" }];
  document.tags = ["Money", "Reservations", "Operations", "Balances", "Health"].map((name) => ({ name }));
  document.security = [{ bearer: [] }];
  document.components = {
    ...document.components,
    securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
  } as Generated["components"] & object;

  for (const route of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    if (route.parameters) route.parameters = route.parameters.map(tidyParameter);
    if (route.requestBody) route.requestBody.content = only("application/json", route.requestBody.content);
    for (const [status, response] of Object.entries(route.responses ?? {})) {
      response.description ??= "Done.";
      const headers = { ...HEADERS[status], ...(route.requestBody && MONEY_HEADERS[status]) };
      if (Object.keys(headers).length > 0) response.headers = describeHeaders(headers);
      if (response.content) {
        response.content = only(
          Number(status) < 400 ? "application/json" : "application/problem+json",
          response.content,
        );
      }
    }
  }
  return tidy(document);
}

function only(mediaType: string, content: Record<string, unknown>) {
  return { [mediaType]: content["application/json"] };
}

function describeHeaders(headers: Record<string, string>): object {
  const described = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: "string" } },
  ]);
  return Object.fromEntries(described);
}

/** A missing key has an error code of its own, so the validator calls the header optional; a reader must know that it is not. */
function tidyParameter({ examples, ...parameter }: Schema): Schema {
  if (parameter.name === "idempotency-key") Object.assign(parameter, { name: "Idempotency-Key", required: true });
  if (parameter.name === "prefer") parameter.name = "Prefer";
  return Array.isArray(examples) ? { ...parameter, example: examples[0] } : parameter;
}

/** Schemas as OpenAPI 3.0 has them, all the way down. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== "object" || value === null) return value;
  const { examples, error, ...schema } = value as Schema;
  const literals = Array.isArray(schema.anyOf) && schema.anyOf.every((one) => typeof one.const === "string");
  if (literals) {
    schema.enum = (schema.anyOf as Schema[]).map((one) => one.const);
    schema.type = "string";
    delete schema.anyOf;
  } else if (schema.const !== undefined) {
    schema.enum = [schema.const];
    delete schema.const;
  }
  if (schema.patternProperties) {
    schema.additionalProperties = Object.values(schema.patternProperties)[0];
    delete schema.patternProperties;
  }
  if (Array.isArray(examples)) schema.example = examples[0];
  return Object.fromEntries(Object.entries(schema).map(([member, inner]) => [member, tidy(inner)]));
}
