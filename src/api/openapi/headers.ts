import type { Schema } from "./schemas.ts";

/** A response header of the document. `always` where every response with the status has it. */
type Header = { description: string; schema: object; example: string | number; always?: boolean };

const REPLAYED: Header = {
  description: "Present where the response repeats the outcome of an earlier identical request.",
  schema: { type: "string", enum: ["true"] },
  example: "true",
};

const RETRY_AFTER: Header = {
  description: "The seconds to wait before a retry.",
  schema: { type: "integer", minimum: 1 },
  example: 2,
  always: true,
};

/** Of all routes and statuses. */
const COMMON: Record<string, Header> = {
  "X-Request-Id": {
    description: "The request's `X-Request-Id` if it was 1 to 128 visible ASCII characters, else a new one.",
    schema: { type: "string", minLength: 1, maxLength: 128 },
    example: "5c2d9a4e-0b1f-4f7e-8a53-2f6f0f4f1d11",
    always: true,
  },
};

const WWW_AUTHENTICATE: Header = {
  description:
    'The challenge of RFC 6750. `error="invalid_token"` where a token was sent; with `insufficient_scope`, the missing `scope`.',
  schema: { type: "string" },
  example: 'Bearer realm="saldo"',
};

/** Of all routes, by status. */
const HEADERS: Record<string, Record<string, Header>> = {
  401: { "WWW-Authenticate": { ...WWW_AUTHENTICATE, always: true } },
  // Not on the 403 of a signed link, which needs no token.
  403: {
    "WWW-Authenticate": {
      ...WWW_AUTHENTICATE,
      example: 'Bearer realm="saldo", error="insufficient_scope", scope="funds:write"',
    },
  },
  415: {
    "Accept-Post": {
      description: "The media type of bodies.",
      schema: { type: "string" },
      example: "application/json",
      always: true,
    },
    "Accept-Encoding": {
      description: "The content coding of bodies.",
      schema: { type: "string" },
      example: "identity",
      always: true,
    },
  },
  429: { "Retry-After": RETRY_AFTER },
  503: { "Retry-After": RETRY_AFTER },
};

/** Of a finished operation or audit, and of an operation that is read. */
const WAITED: Header = {
  description: "The `wait` preference that was applied, where the request had one. At most `wait=30`.",
  schema: { type: "string", pattern: "^wait=[0-9]{1,2}$" },
  example: "wait=5",
};

/** Of a 202 response. */
const NOT_WAITED: Header = {
  description: "The preferences that were applied, where the request had any.",
  schema: { type: "string" },
  example: "respond-async",
};

/** Additional headers of the routes that move money, by status. */
const MONEY_HEADERS: Record<string, Record<string, Header>> = {
  200: { "Preference-Applied": WAITED, "Idempotency-Replayed": REPLAYED },
  202: {
    "Preference-Applied": NOT_WAITED,
    "Retry-After": { ...RETRY_AFTER, description: "The seconds until the state is worth reading.", example: 1 },
    Location: {
      description: "The address of the operation.",
      schema: { type: "string" },
      example:
        "/v1/operations/06a3a4a4-7a6f-8b3b-9a4e-6f9a0d7e5a11?workflowId=carrier-019aafb6-1c96-7d4e-8b1a-5f2c7e90a3d1",
      always: true,
    },
  },
  422: { "Idempotency-Replayed": REPLAYED },
};

/** Additional headers of the route that audits, by status. */
const AUDIT_HEADERS: Record<string, Record<string, Header>> = {
  200: { "Preference-Applied": WAITED },
  202: {
    "Preference-Applied": NOT_WAITED,
    Location: {
      description: "The address of the audit's result, once it has finished.",
      schema: { type: "string" },
      example: "/v1/audits/latest",
      always: true,
    },
  },
};

/** An accepted batch has the address of its operations. */
const BATCH_HEADERS: Record<string, Record<string, Header>> = {
  ...MONEY_HEADERS,
  202: {
    ...MONEY_HEADERS[202],
    Location: {
      description: "The address of the operations that its workflow has finished.",
      schema: { type: "string" },
      example: "/v1/operations?workflowId=carrier-019aafb6-1c96-7d4e-8b1a-5f2c7e90a3d1",
      always: true,
    },
  },
};

/** Additional headers of a route, by the action that it takes. */
const OWN_HEADERS = {
  operation: MONEY_HEADERS,
  batch: BATCH_HEADERS,
  audit: AUDIT_HEADERS,
  wait: { 200: { "Preference-Applied": WAITED } } as Record<string, Record<string, Header>>,
};

export type Action = keyof typeof OWN_HEADERS;

/** The `headers` object of a route's response with this status. */
export function headersOf(status: string, does: Action | undefined): { headers: Schema } {
  const own = (does && OWN_HEADERS[does][status]) ?? {};
  const headers = Object.entries({ ...HEADERS[status], ...own, ...COMMON });
  const described = headers.map(([name, { always, ...header }]) => [
    name,
    { ...header, ...(always && { required: true }) },
  ]);
  return { headers: Object.fromEntries(described) };
}
