import { expect, test } from "bun:test";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import manifest from "../../package.json" with { type: "json" };
import { formatApiDocument } from "../../scripts/commands/contracts/openapi.ts";
import { PROBLEMS, Problem, toProblemBody } from "../../src/api/http/problems.ts";
import { exampleOf } from "../../src/api/openapi/schemas.ts";
import { KINDS } from "../../src/ledger/operations.ts";
import { apiUrl } from "../support/api/client.ts";
import { assertCommitted } from "../support/api/contracts.ts";
import { codesOf, document, documentedRoutes, type Json, served } from "../support/api/document.ts";
import { assertDocumented, findDifference } from "../support/api/documentedAnswers.ts";

const operations = documentedRoutes.map(({ name, operation }): [name: string, operation: Json] => [name, operation]);

/** Media types of responses that are not JSON alone. */
const MEDIA_TYPES: Record<string, string[]> = {
  "GET /v1/users/{userId}/transactions": ["application/json", "text/csv"],
  "GET /v1/reports/revenue/{file}": ["text/csv"],
  "GET /v1/reports/balances/{file}": ["text/csv"],
  "GET /metrics": ["text/plain"],
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
  await assertCommitted("docs/reference/openapi.json", formatApiDocument(served));
});

test("every operation has an id of its own, a summary, a known tag, and responses with descriptions", () => {
  const tags = document.tags.map(({ name }: Json) => name);
  expect(new Set(operations.map(([, { operationId }]) => operationId)).size).toBe(operations.length);
  for (const [name, operation] of operations) {
    expect([name, typeof operation.summary]).toEqual([name, "string"]);
    expect(operation.tags.every((tag: string) => tags.includes(tag))).toBe(true);
    const responses = Object.entries<Json>(operation.responses);
    expect(responses.length).toBeGreaterThan(0);
    for (const [
      status,
      { description, headers: _, content: __, "x-codes": ___, links: ____, ...others },
    ] of responses) {
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
    // The operations of a batch have their own keys.
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
    expect(headersOf(202)).toEqual(["Preference-Applied", "Retry-After", "Location", "X-Request-Id"]);
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
    ["Preference-Applied", "Location", "X-Request-Id"],
    ["Retry-After", "X-Request-Id"],
  ]);
});

test("bodies are JSON, problems are problem+json, and a problem's codes belong to its status", () => {
  for (const [name, operation] of operations) {
    if (operation.requestBody) expect(Object.keys(operation.requestBody.content)).toEqual(["application/json"]);
    for (const [status, response] of Object.entries<Json>(operation.responses)) {
      const { content } = response;
      const isBad = isProblem(name, status);
      const good = MEDIA_TYPES[name] ?? ["application/json"];
      expect(Object.keys(content)).toEqual(isBad ? ["application/problem+json"] : good);
      if (!isBad) continue;
      const codes: (keyof typeof PROBLEMS)[] = response["x-codes"];
      expect(codes.length).toBeGreaterThan(0);
      for (const code of codes) expect(String(PROBLEMS[code].status)).toBe(status);
    }
  }
});

test("every body and response refers to a named schema, and every problem to the one of all problems", () => {
  const reference = { $ref: expect.stringMatching(/^#\/components\/schemas\/[A-Z][A-Za-z]+$/) };
  const resolve = (part: Json) => (part.$ref ? served.components.responses[part.$ref.split("/").at(-1)] : part);
  for (const methods of Object.values<Json>(served.paths)) {
    for (const { operationId, requestBody, responses } of Object.values<Json>(methods)) {
      const bodies = Object.values<Json>(responses).map(resolve);
      for (const { content, "x-codes": codes } of [...bodies, ...(requestBody ? [requestBody] : [])]) {
        for (const [type, { schema }] of Object.entries<Json>(content)) {
          if (type.endsWith("json")) expect([operationId, schema]).toEqual([operationId, reference]);
          if (codes) expect([operationId, schema.$ref]).toEqual([operationId, "#/components/schemas/Problem"]);
        }
      }
      for (const [status, response] of Object.entries<Json>(responses)) {
        if (resolve(response)["x-codes"])
          expect([operationId, status, "$ref" in response]).toEqual([operationId, status, true]);
      }
    }
  }
  expect(document.components.schemas.ProblemCode.enum).toEqual(Object.keys(PROBLEMS));
});

test("the operation is a union by status, and in each status by kind", () => {
  const { Operation } = served.components.schemas;
  const states = Operation.oneOf.map(({ $ref }: Json) => $ref.split("/").at(-1));
  expect(states).toEqual(["PendingOperation", "CompletedOperation", "DeclinedOperation"]);
  for (const [index, status] of ["pending", "completed", "declined"].entries()) {
    const { oneOf, discriminator } = document.components.schemas[states[index]];
    // An expiry is neither pending nor declined.
    const kinds = status === "completed" ? KINDS : KINDS.filter((kind) => kind !== "expiry");
    expect([discriminator.propertyName, Object.keys(discriminator.mapping)]).toEqual(["kind", kinds]);
    const propertiesOf = ({ properties, allOf = [] }: Json): Json =>
      Object.assign({}, properties, ...allOf.map(propertiesOf));
    const fields = oneOf.map(propertiesOf);
    expect(fields.map((one: Json) => [one.kind.enum, one.status.enum])).toEqual(
      kinds.map((kind) => [[kind], [status]]),
    );
  }
});

test("an accepted operation links to the operation, by ids of the response", () => {
  const { links } = document.paths["/v1/deposits"].post.responses[202];
  const { operationId, parameters } = links.operation;
  expect(parameters).toEqual({ operationId: "$response.body#/operationId", workflowId: "$response.body#/workflowId" });
  const target = documentedRoutes.find(({ operation }) => operation.operationId === operationId)!;
  const inAddress = target.parameters.filter((one) => one.in !== "header");
  expect(inAddress.map(({ name }) => name)).toEqual(Object.keys(parameters));
});

test("the document is smaller than 150 KB, as it is served and as it is committed", () => {
  expect(Buffer.byteLength(JSON.stringify(served))).toBeLessThan(150_000);
  expect(Buffer.byteLength(formatApiDocument(served))).toBeLessThan(150_000);
});

test("every response has an example, or its schema's properties have, without members outside the schema", () => {
  for (const [name, { responses }] of operations) {
    for (const [status, { content }] of Object.entries<Json>(responses)) {
      for (const { schema, example, examples } of Object.values<Json>(content)) {
        const shown = examples
          ? Object.values<Json>(examples).map(({ value }) => value)
          : [example ?? exampleOf(schema)];
        for (const one of shown) expect([name, status, findDifference(schema, one)]).toEqual([name, status, undefined]);
      }
    }
  }
});

test("the document and its examples pass the strict rules of Redocly's linter", async () => {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const found = await lintFromString({ source: JSON.stringify(served), absoluteRef: "openapi.json", config });
  // These routes need no token and answer no 4xx status.
  const problems = found
    .map(({ ruleId, message, location: [place] }) => `${ruleId} ${place?.pointer}: ${message}`)
    .filter((problem) => !/^operation-4xx-response #\/paths\/~1(healthz|readyz|metrics)\//.test(problem));
  expect(problems).toEqual([]);
});

test("a response with an undocumented status, member, value or problem code is found", async () => {
  const example = document.paths["/v1/users/{userId}/balance"].get.responses[200].content["application/json"].examples;
  const body = example.cache.value;
  const assertBalance = (status: number, answered: object) =>
    assertDocumented(apiUrl, "GET", "/v1/users/anna/balance?consistency=strong", { status, body: answered });
  await assertBalance(200, body);
  const { version: _, ...incomplete } = body;
  for (const wrong of [incomplete, { ...body, colour: "red" }, { ...body, available: 200 }, { ...body, asOf: "now" }])
    await expect(assertBalance(200, wrong)).rejects.toThrow("not as documented");
  await expect(assertBalance(418, body)).rejects.toThrow("which the API document does not have");
  const problem = toProblemBody(new Problem("account_unknown"), "/v1/users/anna/balance");
  await assertBalance(404, problem);
  const others = { ...problem, code: "reservation_unknown" };
  await expect(assertBalance(404, others)).rejects.toThrow("which the route does not document");
});

test("the list of codes is complete, and each code belongs to a route, or to requests without a route", () => {
  const codes = new Set(documentedRoutes.flatMap(codesOf));
  expect(codes.union(new Set(["not_found", "method_not_allowed"]))).toEqual(new Set(Object.keys(PROBLEMS)));
  for (const [code, { status, title }] of Object.entries(PROBLEMS)) {
    expect(document.info.description).toContain(`| ${status} | \`${code}\` | ${title} |`);
  }
});

test("every reference resolves, and no schema uses a keyword that OpenAPI 3.0 does not have", () => {
  for (const [path, value] of walk(served)) {
    if (typeof value.$ref === "string") {
      const target = value.$ref
        .slice(2)
        .split("/")
        .reduce((at: Json, member: string) => at?.[member], served);
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
        : /(Scope: `[a-z]+(:[a-z]+)?`( or `[a-z]+:[a-z]+`)*|Any token will do)\.$/;
    expect([name, description]).toEqual([name, expect.stringMatching(lastSentence)]);
  }
});
