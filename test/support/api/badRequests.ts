import type { ProblemCode } from "../../../src/api/http/problems.ts";
import { ask, type DocumentedRoute, fill, type Json } from "./document.ts";

/** A request with one defect, and the expected problem code. The rest comes from the examples of its route. */
export type BadRequest = {
  kind: string;
  code: ProblemCode;
  /** The field that the answer must name. */
  field?: string;
  path?: string;
  headers?: Record<string, string | null>;
  /** Sent verbatim. */
  body?: string;
};

const MEBIBYTE = 1024 * 1024;

/** Derives one bad request of each kind from the API document of the route. */
export function badRequestsOf(route: DocumentedRoute): BadRequest[] {
  return [...badBodies(route), ...badPaths(route), ...badQueries(route), ...badKeys(route)];
}

function badBodies({ schema, example }: DocumentedRoute): BadRequest[] {
  if (!schema) return [];
  const body = (kind: string, value: object, field: string): BadRequest => ({
    ...{ kind: `${kind} ${field}`, code: "invalid_request", field },
    body: JSON.stringify(value),
  });
  const twice = (field: string, again = field): BadRequest => ({
    ...{ kind: `twice the field ${again}`, code: "invalid_request", field },
    body: JSON.stringify(example).replace("{", `{"${again}":${JSON.stringify(example[field])},`),
  });
  const required: string[] = schema.required ?? [];
  const properties = Object.entries<Json>(schema.properties);
  return [
    { kind: "malformed JSON", code: "invalid_request", body: '{"userId": ' },
    { kind: "a body that is not an object", code: "invalid_request", body: "[]", field: "body" },
    { kind: "a body over 1 MiB", code: "body_too_large", body: `"${"x".repeat(MEBIBYTE)}"` },
    ...["text/plain", "application/jsonp", "multipart/form-data", ""].map((type) => unsupported("Content-Type", type)),
    ...["gzip", "br", "identity, gzip", "x"].map((coding) => unsupported("Content-Encoding", coding)),
    ...[33, 2_000, 100_000].map((depth) => ({
      ...{ kind: `${depth} deep`, code: "invalid_request" as const },
      body: JSON.stringify({ ...example, [properties[0]![0]]: "deep" }).replace('"deep"', nested(depth - 1)),
    })),
    ...Object.keys(example).flatMap((field) => [twice(field), twice(field, escapeFirst(field))]),
    body("unknown field", { ...example, colour: "red" }, "colour"),
    ...required.map((field) => body("missing field", { ...example, [field]: undefined }, field)),
    ...properties.map(([field, { type }]) =>
      body("wrong type of", { ...example, [field]: type === "array" ? {} : [{}] }, field),
    ),
    ...properties.map(([field, { type }]) =>
      body("wrong value of", { ...example, [field]: type === "string" ? "\u0000" : -1 }, field),
    ),
  ];
}

function unsupported(field: string, value: string): BadRequest {
  return { kind: `${field} ${value}`, code: "unsupported_media_type", field, headers: { [field]: value } };
}

/** Writes the first character of a JSON name as an escape. */
function escapeFirst(name: string): string {
  return `\\u${name.charCodeAt(0).toString(16).padStart(4, "0")}${name.slice(1)}`;
}

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

function badPaths({ template, parameters }: DocumentedRoute): BadRequest[] {
  const inPath = parameters.filter((one) => one.in === "path");
  return inPath.map(({ name }) => {
    const values = Object.fromEntries(inPath.map((one) => [one.name, one.name === name ? "%00" : one.example]));
    return { kind: `bad path parameter ${name}`, code: "invalid_request", field: name, path: fill(template, values) };
  });
}

function badQueries({ path, parameters }: DocumentedRoute): BadRequest[] {
  const inQuery = parameters.filter((one) => one.in === "query");
  const query = (kind: string, field: string, target: string): BadRequest => ({
    ...{ kind: `${kind} query parameter ${field}`, code: "invalid_request", field },
    path: target,
  });
  return [
    query("unknown", "colour", ask(path, "colour", "red")),
    ...inQuery.map(({ name, schema }) => {
      const bad = schema.maxLength && !schema.pattern ? "x".repeat(schema.maxLength + 1) : "%00";
      return query("bad", name, ask(without(path, name), name, bad));
    }),
    ...inQuery.flatMap(({ name, example }) => {
      const once = path.includes(`${name}=`) ? path : ask(path, name, example);
      const escaped = `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
      return [name, escaped].map((again) => query("twice the", name, ask(once, again, example)));
    }),
  ];
}

/** The path without this query parameter. */
function without(path: string, parameter: string): string {
  const [target = "", search] = path.split("?");
  const others = new URLSearchParams(search);
  others.delete(parameter);
  return others.size > 0 ? `${target}?${others}` : target;
}

function badKeys({ parameters }: DocumentedRoute): BadRequest[] {
  const field = "Idempotency-Key";
  if (!parameters.some(({ name }) => name === field)) return [];
  const key = (kind: string, code: ProblemCode, value: string | null): BadRequest => ({
    ...{ kind: `${kind} key`, code, field },
    headers: { "idempotency-key": value },
  });
  return [
    key("missing", "idempotency_key_required", null),
    key("empty", "idempotency_key_required", ""),
    ...["two words", "clé", "x".repeat(256)].map((value) => key("bad", "idempotency_key_invalid", value)),
  ];
}
