import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { expectProblem } from "../support/api/problem.ts";
import { rawRequest } from "../support/api/rawRequest.ts";
import { getReport } from "../support/api/reports.ts";
import { readServiceLog } from "../support/stack/serviceLog.ts";

const authorization = `Authorization: Bearer ${await mintToken()}`;
const link = new URL((await getReport("2016-02")).body.url);

const TARGETS = [
  "/readyz",
  "/v1/services?limit=1",
  "/v1/services/?x=/y",
  "/v1/users/alice/balance?colour=/red",
  "/nothing?x=/y",
  "//nothing",
  link.pathname + link.search,
];

const BAD_HOSTS = ["", "localhost:99999", "a b", "[::1", "%", "a/b", "a?b", "a#b", "a\tb", "ä"];

/** Two Host headers: a proxy and Saldo could each take another one. */
const TWO_HOSTS = [
  ["x", "x"],
  ["x", "y"],
  ["x", ""],
  ["", "x"],
  ["localhost:3000", "localhost"],
];

test("a missing, malformed or repeated Host is refused on any path with a problem for that field", async () => {
  for (const target of TARGETS) {
    const refused = [
      [`GET ${target} HTTP/1.0`],
      ...BAD_HOSTS.map((host) => [`GET ${target} HTTP/1.1`, `Host: ${host}`]),
      ...TWO_HOSTS.map((hosts) => [`GET ${target} HTTP/1.1`, ...hosts.map((host) => `Host: ${host}`)]),
      [`GET ${target} HTTP/1.1`, "Host: x,y"],
    ];
    for (const lines of refused) {
      const { body, ...answer } = await rawRequest([...lines, authorization]);
      expect([lines, answer.status, body[0]]).toEqual([lines, 400, "{"]);
      expectProblem({ ...answer, body: JSON.parse(body) }, "invalid_request", target.split("?")[0]!, {
        errors: [{ field: "Host", message: expect.any(String) }],
      });
    }
  }
});

test("a request that Bun's parser refuses gets a bare status: no Host, no HTTP, headers over the limits", async () => {
  for (const target of TARGETS) {
    expect(await rawRequest([`GET ${target} HTTP/1.1`, authorization])).toMatchObject({ status: 400, body: "" });
  }
  expect(await rawRequest(["what is this?"])).toMatchObject({ status: 400, body: "" });
  const large = [`X: ${"x".repeat(100_000)}`];
  const many = Array.from({ length: 250 }, (_, index) => `X-${index}: x`);
  for (const lines of [large, many]) {
    expect(await rawRequest(["GET /readyz HTTP/1.1", "Host: x", ...lines])).toMatchObject({ status: 431, body: "" });
  }
});

test("a Host of one letter or of another site is accepted, and path and query are read after it", async () => {
  for (const host of ["x", "x:1", "saldo", "[::1]:3000", "somewhere.example"]) {
    const ask = async (target: string) => {
      const { status, body } = await rawRequest([`GET ${target} HTTP/1.1`, `Host: ${host}`, authorization]);
      const problem = JSON.parse(body);
      return [host, status, problem.instance, problem.errors?.[0].field];
    };
    expect(await ask("/v1/services?colour=/red")).toEqual([host, 400, "/v1/services", "colour"]);
    expect(await ask("//v1/services")).toEqual([host, 404, "//v1/services", undefined]);
    expect(await ask("/x?y=/readyz")).toEqual([host, 404, "/x", undefined]);
  }
});

test("no signature of a link is logged, with any Host", async () => {
  const log = await readServiceLog();
  expect(log).toContain("Saldo is up");
  expect(log).not.toContain(link.searchParams.get("signature")!);
});
