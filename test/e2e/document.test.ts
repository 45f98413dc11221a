import { expect, test } from "bun:test";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import manifest from "../../package.json" with { type: "json" };
import { formatApiDocument } from "../../scripts/commands/contracts/openapi.ts";
import { PROBLEMS } from "../../src/api/http/problems.ts";
import { apiUrl } from "../support/api/client.ts";
import { assertCommitted } from "../support/api/contracts.ts";
import { codesOf, document, documentedRoutes, type Json } from "../support/api/document.ts";
import { assertDocumented } from "../support/api/documentedAnswers.ts";

const operations = documentedRoutes.map(({ name, operation }): [name: string, operation: Json] => [name, operation]);

/** Media types of responses that are not JSON. */
const MEDIA_TYPES: Record<string, string> = {
  "GET /v1/reports/revenue/{file}": "text/csv",
  "GET /v1/reports/balances/{file}": "text/csv",
  "GET /metrics": "text/plain",
};
/** The 503 of a process that is not ready is not a problem document. */
const isProblem = (name: string, status: string) => Number(status) >= 400 && name !== "GET /readyz";

/** Every object of the document, with its path. */
function* walk(value: Json, path = "#"): Generator<[path: string, value: Json]> {
  if (typeof value !== "object" || value === null) return;
  yield [path, value];
  for (const [member, inner] of Object.entries(value)) yield* walk(inner, `${path}/${member}`);
}

test("the API document is OpenAPI 3.0, contains these routes, and requires no token", async () => {
  const response = await fetch(`${apiUrl}/swagger/json`);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json;charset=utf-8"]);
  expect(document.openapi).toMatch(/^3\.0\.\d+$/);
  expect(document.info).toMatchObject({ title: "Saldo", version: manifest.version, license: { name: "MIT" } });
  expect(operations.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      ...["POST /v1/deposits", "POST /v1/withdrawals", "POST /v1/transfers"],
      ...["POST /v1/reservations", "POST /v1/recognitions", "POST /v1/releases", "POST /v1/refunds"],
      ...["recognitions", "releases", "extensions"].map((route) => `POST /v1/reservations/{reservationId}/${route}`),
      ...["GET /v1/reservations/{reservationId}", "GET /v1/users/{userId}/reservations"],
      ...["revenue", "balances"].flatMap((report) => [`GET /v1/reports/${report}`, `GET /v1/reports/${report}/{file}`]),
      ...[
        "GET /v1/operations/{operationId}",
        "GET /v1/users/{userId}/balance",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
      ],
      ...["POST /v1/audits", "GET /v1/audits/latest"],
      ...["GET /v1/users/{userId}/transactions", "GET /v1/services", "PUT /v1/services/{serviceId}"],
    ]),
  );
});

test("the served document is the committed docs/reference/openapi.json", async () => {
  await assertCommitted("docs/reference/openapi.json", formatApiDocument(document));
});

test("every operation has an id of its own, a summary, a known tag, and responses with descriptions", () => {
  const tags = document.tags.map(({ name }: Json) => name);
  expect(new Set(operations.map(([, { operationId }]) => operationId)).size).toBe(operations.length);
  for (const [name, operation] of operations) {
    expect([name, typeof operation.summary]).toEqual([name, "string"]);
    expect(operation.tags.every((tag: string) => tags.includes(tag))).toBe(true);
    const responses = Object.entries<Json>(operation.responses);
    expect(responses.length).toBeGreaterThan(0);
    for (const [status, { description, headers: _, content: __, ...others }] of responses) {
      expect([name, others]).toEqual([name, {}]);
      expect(status).toMatch(/^[1-5]\d\d$/);
      expect(description).not.toBe("");
      expect(typeof description).toBe("string");
    }
  }
});

test("every parameter has a schema and a description, and path parameters are in the path and required", () => {
  for (const [name, operation] of operations) {
    const namesInPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, one]) => one);
    const parameters: Json[] = operation.parameters ?? [];
    expect(parameters.filter((one) => one.in === "path").map((one) => one.name)).toEqual(namesInPath);
    for (const parameter of parameters) {
      expect(["path", "query", "header"]).toContain(parameter.in);
      const texts = [parameter.schema?.type, parameter.description];
      expect([name, parameter.name, ...texts.map((text) => typeof text)]).toEqual([
        ...[name, parameter.name],
        ...["string", "string"],
      ]);
      if (parameter.in === "path") expect(parameter.required).toBe(true);
    }
  }
});

test("routes that move money document their headers and an example that can be sent unchanged", () => {
  for (const [name, operation] of operations) {
    if (!name.startsWith("POST") || name === "POST /v1/audits") continue;
    // A batch has neither a key nor a Location of its own.
    const isBatch = name === "POST /v1/batches";
    const headers = operation.parameters
      .filter((one: Json) => one.in !== "path")
      .map((one: Json) => [one.in, one.name, one.required ?? false, typeof one.example]);
    expect(headers).toEqual([
      ...(isBatch ? [] : [["header", "Idempotency-Key", true, "string"]]),
      ["header", "Prefer", false, "string"],
    ]);
    const schema = operation.requestBody.content["application/json"].schema;
    for (const property of Object.values<Json>(isBatch ? {} : schema.properties))
      expect(typeof property.example).toBe(property.type === "integer" ? "number" : property.type);
    expect(operation.requestBody.content["application/json"].example).toBeObject();
    const headersOf = (status: number) => Object.keys(operation.responses[status].headers);
    expect(headersOf(202)).toEqual([...(isBatch ? [] : ["Location"]), "X-Request-Id"]);
    expect(headersOf(200)).toEqual(["Preference-Applied", "Idempotency-Replayed", "X-Request-Id"]);
    expect(headersOf(503)).toEqual(["Retry-After", "X-Request-Id"]);
  }
});

test("the audit route documents its headers and takes no body", () => {
  const [, { parameters, requestBody, responses }] = operations.find(([name]) => name === "POST /v1/audits")!;
  expect(parameters.map((one: Json) => [one.in, one.name, one.required])).toEqual([["header", "Prefer", false]]);
  expect(requestBody).toBeUndefined();
  const headers = [200, 202, 503].map((status) => Object.keys(responses[status].headers));
  expect(headers).toEqual([
    ["Preference-Applied", "X-Request-Id"],
    ["Location", "X-Request-Id"],
    ["Retry-After", "X-Request-Id"],
  ]);
});

test("bodies are JSON, problems are problem+json, and a problem's codes belong to its status", () => {
  for (const [name, operation] of operations) {
    if (operation.requestBody) expect(Object.keys(operation.requestBody.content)).toEqual(["application/json"]);
    for (const [status, { content }] of Object.entries<Json>(operation.responses)) {
      const isBad = isProblem(name, status);
      const good = MEDIA_TYPES[name] ?? "application/json";
      expect(Object.keys(content)).toEqual([isBad ? "application/problem+json" : good]);
      if (!isBad) continue;
      const { properties } = content["application/problem+json"].schema;
      const codes: (keyof typeof PROBLEMS)[] = properties.code.enum;
      expect(codes.length).toBeGreaterThan(0);
      for (const code of codes) expect(String(PROBLEMS[code].status)).toBe(status);
      const namesReservations = codes.includes("amount_mismatch") || codes.includes("reservation_ambiguous");
      expect("reservationIds" in properties).toBe(namesReservations);
    }
  }
});

test("every response has examples, one of each problem code, without members outside its schema", () => {
  for (const [name, { responses }] of operations) {
    for (const [status, { content }] of Object.entries<Json>(responses)) {
      for (const { schema, example, examples } of Object.values<Json>(content)) {
        const shown = examples ? Object.values<Json>(examples).map(({ value }) => value) : [example];
        expect([name, status, shown.length > 0]).toEqual([name, status, true]);
        for (const one of shown) {
          if (typeof one !== "object") continue;
          const unknown = Object.keys(one).filter((member) => !(member in schema.properties));
          expect([name, status, one.code, unknown]).toEqual([name, status, one.code, []]);
        }
        if (isProblem(name, status)) expect(Object.keys(examples)).toEqual(schema.properties.code.enum);
      }
    }
  }
});

test("the document and its examples pass the strict rules of Redocly's linter", async () => {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: "openapi.json", config });
  // These routes need no token and answer no 4xx status.
  const problems = found
    .map(({ ruleId, message, location: [place] }) => `${ruleId} ${place?.pointer}: ${message}`)
    .filter((problem) => !/^operation-4xx-response #\/paths\/~1(healthz|readyz|metrics)\//.test(problem));
  expect(problems).toEqual([]);
});

test("a response with an undocumented status, member or value is found", async () => {
  const example = document.paths["/v1/users/{userId}/balance"].get.responses[200].content["application/json"].examples;
  const body = example.cache.value;
  const assertBalance = (status: number, answered: object) =>
    assertDocumented(apiUrl, "GET", "/v1/users/anna/balance?consistency=strong", { status, body: answered });
  await assertBalance(200, body);
  const { version: _, ...incomplete } = body;
  for (const wrong of [incomplete, { ...body, colour: "red" }, { ...body, available: 200 }, { ...body, asOf: "now" }])
    await expect(assertBalance(200, wrong)).rejects.toThrow("not as documented");
  await expect(assertBalance(418, body)).rejects.toThrow("which the API document does not have");
});

test("the list of codes is complete, and each code belongs to a route, or to requests without a route", () => {
  const codes = new Set(documentedRoutes.flatMap(codesOf));
  expect(codes.union(new Set(["not_found", "method_not_allowed"]))).toEqual(new Set(Object.keys(PROBLEMS)));
  for (const [code, { status, title }] of Object.entries(PROBLEMS)) {
    expect(document.info.description).toContain(`| ${status} | \`${code}\` | ${title} |`);
  }
});

test("every reference resolves, and no schema uses a keyword that OpenAPI 3.0 does not have", () => {
  for (const [path, value] of walk(document)) {
    if (typeof value.$ref === "string") {
      const target = value.$ref
        .slice(2)
        .split("/")
        .reduce((at: Json, member: string) => at?.[member], document);
      expect([value.$ref, typeof target]).toEqual([value.$ref, "object"]);
    }
    if (/\/properties$/.test(path)) continue;
    if (/\/(example|value)(\/|$)/.test(path)) continue;
    for (const keyword of ["const", "documented", "patternProperties", "error", "contentMediaType", "$id", "$schema"]) {
      expect([path, keyword in value]).toEqual([path, false]);
    }
    expect([path, Array.isArray(value.examples)]).toEqual([path, false]);
  }
});

test("all routes share one security scheme, and each documents its scope or that it needs no token", () => {
  expect(document.components.securitySchemes.bearer).toEqual({ type: "http", scheme: "bearer", bearerFormat: "JWT" });
  expect(document.security).toEqual([{ bearer: [] }]);
  for (const [name, { description, security }] of operations) {
    const lastSentence =
      security?.length === 0
        ? /Needs no token\.$/
        : /(Scope: `[a-z]+(:[a-z]+)?`|Any token will do|Each needs the scope of its kind)\.$/;
    expect([name, description]).toEqual([name, expect.stringMatching(lastSentence)]);
  }
});
