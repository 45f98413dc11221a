import { expect, test } from "bun:test";
import { allScopes, mintToken } from "../../scripts/keys.ts";
import type { ProblemCode } from "../../src/api/http/problems.ts";
import { type BadRequest, badRequestsOf } from "../support/api/badRequests.ts";
import { type Answer, apiUrl } from "../support/api/client.ts";
import { ask, codesOf, type DocumentedRoute, documentedRoutes } from "../support/api/document.ts";
import { expectProblem } from "../support/api/problem.ts";
import { connectOwner } from "../support/stack/owner.ts";

/** All routes of the served document that require a token. */
const routes = documentedRoutes.filter(({ needsToken }) => needsToken);

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

const isJson = ({ headers }: Response) => /json/.test(headers.get("content-type") ?? "");

/** Sends the route's example request, changed by `bad`, under a key of its own. */
async function send(route: DocumentedRoute, bad: Partial<BadRequest>, token?: string): Promise<Answer> {
  const { method, example, path } = route;
  const headers = new Headers({ "idempotency-key": crypto.randomUUID() });
  if (example) headers.set("content-type", "application/json");
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  for (const [name, value] of Object.entries(bad.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  const body = bad.body ?? (example && JSON.stringify(example));
  const response = await fetch(apiUrl + (bad.path ?? path), { method, headers, ...(body && { body }) });
  return {
    status: response.status,
    headers: response.headers,
    body: isJson(response) ? await response.json() : undefined,
  };
}

/** Expects the problem, documented for the route, with this field alone. */
function expectRefusal(route: DocumentedRoute, answer: Answer, { kind, code, field, path }: BadRequest): void {
  const { errors } = answer.body;
  const fields = field === undefined ? undefined : [field];
  expect([route.name, kind, answer.body.code, errors?.map((one: { field: string }) => one.field)]).toEqual([
    ...[route.name, kind, code, fields],
  ]);
  expectProblem(answer, code, (path ?? route.path).split("?")[0]!, errors && { errors });
  expect([route.name, codesOf(route)]).toEqual([route.name, expect.arrayContaining([code])]);
}

/** Counts the rows that requests of callers make. Saldo's own operations continue meanwhile and are left out. */
async function countRows(): Promise<Record<string, string>> {
  await using owner = await connectOwner();
  const { rows } = await owner.query(
    "select tablename from pg_tables where schemaname = 'public' and tablename not in ('operations', 'entries', 'outbox')",
  );
  const counts = [
    "select 'operations' as name, count(*) from operations where caller is not null",
    "select 'entries', count(*) from entries join operations on operations.id = operation_id where caller is not null",
    ...rows.map(({ tablename }) => `select '${tablename}', count(*) from ${tablename}`),
  ];
  const counted = await owner.query(counts.join(" union all "));
  return Object.fromEntries(counted.rows.map(({ name, count }) => [name, count]));
}

test("every documented route answers bad input with its problem and field, and changes nothing", async () => {
  const token = await mintToken();
  const before = await countRows();
  for (const route of routes) {
    for (const bad of badRequestsOf(route)) expectRefusal(route, await send(route, bad, token), bad);
  }
  expect(await countRows()).toEqual(before);
});

test("every documented route requires a token and one of its documented scopes, which suffices", async () => {
  const before = await countRows();
  for (const route of routes) {
    const { scopes } = route;
    for (const token of [undefined, "x"]) {
      const answer = await send(route, {}, token);
      expectRefusal(route, answer, { kind: `token ${token}`, code: "unauthenticated" });
      const error = token ? ', error="invalid_token"' : "";
      expect(answer.headers.get("www-authenticate")).toBe(`Bearer realm="saldo"${error}`);
    }
    if (scopes.length > 0) {
      const others = allScopes.split(" ").filter((one) => !scopes.includes(one));
      const answer = await send(route, {}, await mintToken({ scope: others.join(" ") }));
      expectRefusal(route, answer, { kind: "all scopes but its own", code: "insufficient_scope" });
      expect(answer.headers.get("www-authenticate")).toBe(
        `Bearer realm="saldo", error="insufficient_scope", scope="${scopes.join(" ")}"`,
      );
    }
    // With one scope alone the request is authorized, so its fault is reported.
    const unknown: BadRequest = {
      ...{ kind: "unknown query", code: "invalid_request", field: "colour" },
      path: ask(route.path, "colour", "red"),
    };
    for (const scope of scopes.length > 0 ? scopes : [""]) {
      expectRefusal(route, await send(route, unknown, await mintToken({ scope })), unknown);
    }
  }
  expect(await countRows()).toEqual(before);
});

test("undocumented methods of a path are 405 with Allow, and every method of a path below it is 404", async () => {
  const token = await mintToken();
  for (const { path: sent, template } of documentedRoutes) {
    const path = sent.split("?")[0]!;
    const documented = documentedRoutes.filter((one) => one.template === template).map(({ method }) => method);
    const allow = documented.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    const requests = [path, `${path}/`, `${path}/x/y`].flatMap((at) => METHODS.map((method) => ({ method, at })));
    for (const { method, at } of requests) {
      if (at === path && documented.includes(method)) continue;
      const code: ProblemCode = at === path ? "method_not_allowed" : "not_found";
      const response = await fetch(apiUrl + at, { method, headers: { authorization: `Bearer ${token}` } });
      const answer: Answer = { status: response.status, headers: response.headers, body: await response.json() };
      expect([method, at, answer.body.code]).toEqual([method, at, code]);
      const allowed = answer.headers.get("allow")?.split(", ") ?? [];
      expect(new Set(allowed)).toEqual(new Set(at === path ? allow : []));
      expectProblem(answer, code, at);
    }
  }
});

test("a route without a token ignores bad input or answers it with a documented problem", async () => {
  for (const route of documentedRoutes.filter(({ needsToken }) => !needsToken)) {
    const answer = await send(route, { path: ask(route.path, "colour", "red") });
    if (answer.status >= 400) expect(codesOf(route)).toContain(answer.body.code);
    else expect([route.name, answer.status]).toEqual([route.name, 200]);
  }
});
