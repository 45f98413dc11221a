import { expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { PROBLEMS } from "../../src/api/problems.ts";
import { apiUrl } from "../support/api.ts";

// biome-ignore lint/suspicious/noExplicitAny: a document of another standard, looked into here and there
type Json = any;

const response = await fetch(`${apiUrl}/swagger/json`);
const document: Json = await response.json();
const operations: [name: string, operation: Json][] = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
  Object.entries<Json>(methods).map(([method, operation]): [string, Json] => [
    `${method.toUpperCase()} ${path}`,
    operation,
  ]),
);

/** Every object in the document with the members that lead to it. */
function* walk(value: Json, path = "#"): Generator<[path: string, value: Json]> {
  if (typeof value !== "object" || value === null) return;
  yield [path, value];
  for (const [member, inner] of Object.entries(value)) yield* walk(inner, `${path}/${member}`);
}

test("the API document is OpenAPI 3.0 about these routes, told to everyone", () => {
  expect(response.status).toBe(200);
  expect(document.openapi).toMatch(/^3\.0\.\d+$/);
  expect(document.info).toMatchObject({ title: "Saldo", version: manifest.version, license: { name: "MIT" } });
  expect(operations.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      ...["POST /v1/deposits", "POST /v1/withdrawals", "POST /v1/transfers"],
      ...["POST /v1/reservations", "POST /v1/recognitions", "POST /v1/releases", "POST /v1/refunds"],
      ...["recognitions", "releases", "extensions"].map((route) => `POST /v1/reservations/{reservationId}/${route}`),
      ...["GET /v1/reservations/{reservationId}", "GET /v1/users/{userId}/reservations"],
      ...["GET /v1/operations/{operationId}", "GET /v1/users/{userId}/balance", "GET /healthz", "GET /readyz"],
    ]),
  );
  expect(operations).toHaveLength(16);
});

test("every operation has an id of its own, a summary, a known tag, and responses with descriptions", () => {
  const tags = document.tags.map(({ name }: Json) => name);
  expect(new Set(operations.map(([, { operationId }]) => operationId)).size).toBe(operations.length);
  for (const [name, operation] of operations) {
    expect([name, typeof operation.summary]).toEqual([name, "string"]);
    expect(operation.tags.every((tag: string) => tags.includes(tag))).toBe(true);
    const responses = Object.entries<Json>(operation.responses);
    expect(responses.length).toBeGreaterThan(0);
    for (const [status, { description }] of responses) {
      expect(status).toMatch(/^[1-5]\d\d$/);
      expect(description).not.toBe("");
      expect(typeof description).toBe("string");
    }
  }
});

test("every parameter has a schema and a description, and those of a path are in the path and required", () => {
  for (const [name, operation] of operations) {
    const named = [...name.matchAll(/\{(\w+)\}/g)].map(([, one]) => one);
    const parameters: Json[] = operation.parameters ?? [];
    expect(parameters.filter((one) => one.in === "path").map((one) => one.name)).toEqual(named);
    for (const parameter of parameters) {
      expect(["path", "query", "header"]).toContain(parameter.in);
      expect([parameter.name, typeof parameter.schema?.type]).toEqual([parameter.name, "string"]);
      expect([parameter.name, typeof (parameter.description ?? parameter.schema.description)]).toEqual([
        parameter.name,
        "string",
      ]);
      if (parameter.in === "path") expect(parameter.required).toBe(true);
    }
  }
});

test("the routes that move money tell of their headers, and give a request that can be sent as it is", () => {
  for (const [name, operation] of operations) {
    if (!name.startsWith("POST")) continue;
    const headers = operation.parameters
      .filter((one: Json) => one.in !== "path")
      .map((one: Json) => [one.in, one.name, one.required ?? false, typeof one.example]);
    expect(headers).toEqual([
      ["header", "Idempotency-Key", true, "string"],
      ["header", "Prefer", false, "string"],
    ]);
    const schema = operation.requestBody.content["application/json"].schema;
    for (const property of Object.values<Json>(schema.properties))
      expect(typeof property.example).toBe(property.type === "integer" ? "number" : property.type);
    expect(Object.keys(operation.responses[202].headers)).toEqual(["Location"]);
    expect(Object.keys(operation.responses[200].headers)).toEqual(["Preference-Applied", "Idempotency-Replayed"]);
    expect(Object.keys(operation.responses[503].headers)).toEqual(["Retry-After"]);
  }
});

test("bodies are application/json, problems are application/problem+json, and each problem's codes are those of its status", () => {
  for (const [, operation] of operations) {
    if (operation.requestBody) expect(Object.keys(operation.requestBody.content)).toEqual(["application/json"]);
    for (const [status, { content }] of Object.entries<Json>(operation.responses)) {
      const isProblem = Number(status) >= 400;
      expect(Object.keys(content)).toEqual([isProblem ? "application/problem+json" : "application/json"]);
      if (!isProblem) continue;
      const { properties } = content["application/problem+json"].schema;
      const codes: (keyof typeof PROBLEMS)[] = properties.code.enum;
      expect(codes.length).toBeGreaterThan(0);
      for (const code of codes) expect(String(PROBLEMS[code].status)).toBe(status);
      const namesReservations = codes.includes("amount_mismatch") || codes.includes("reservation_ambiguous");
      expect("reservationIds" in properties).toBe(namesReservations);
    }
  }
});

test("every reference resolves, and no schema uses a word that OpenAPI 3.0 does not have", () => {
  for (const [path, value] of walk(document)) {
    if (typeof value.$ref === "string") {
      const target = value.$ref
        .slice(2)
        .split("/")
        .reduce((at: Json, member: string) => at?.[member], document);
      expect([value.$ref, typeof target]).toEqual([value.$ref, "object"]);
    }
    if (/\/properties$/.test(path)) continue;
    for (const word of ["const", "examples", "patternProperties", "error", "$id", "$schema"]) {
      expect([path, word in value]).toEqual([path, false]);
    }
  }
});

test("everything is closed by a bearer token but health", () => {
  expect(document.components.securitySchemes.bearer).toEqual({ type: "http", scheme: "bearer", bearerFormat: "JWT" });
  expect(document.security).toEqual([{ bearer: [] }]);
  const open = operations.filter(([, { security }]) => security?.length === 0).map(([name]) => name);
  expect(open).toEqual(["GET /healthz", "GET /readyz"]);
});
