import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { PROBLEMS, type ProblemCode } from "../../src/api/http/problems.ts";
import { documentedRoutes } from "../support/api/document.ts";
import { parseAnswer, sendRaw } from "../support/api/rawRequest.ts";

/** Bodies of which most is never sent. */
const UNFINISHED = {
  "a declared length": ["Content-Length: 1000000", "", "{"],
  "a declared length, nothing sent": ["Content-Length: 1000000", "", ""],
  "chunks without an end": ["Transfer-Encoding: chunked", "", "1\r\n{\r\n"],
};

/** Sends an unfinished body, and reads until the service closes the connection. */
async function refuse(method: string, path: string, body: string[], headers: string[], code: ProblemCode) {
  const head = [`${method} ${path} HTTP/1.1`, "Host: x", "Content-Type: application/json", ...headers];
  const answer = parseAnswer(await sendRaw([...head, ...body].join("\r\n")));
  const found = [answer.status, JSON.parse(answer.body).code, answer.headers.get("connection")];
  expect([method, path, body[0], ...found]).toEqual([method, path, body[0], PROBLEMS[code].status, code, "close"]);
}

const written = documentedRoutes.filter(({ schema }) => schema);

test("each route that takes a body refuses a missing, a bad and a weak token without waiting for the body", async () => {
  expect(written.length).toBeGreaterThan(10);
  const weak = await mintToken({ scope: "balance:read operations:read reports:read audit" });
  for (const { method, path } of written) {
    for (const body of Object.values(UNFINISHED)) {
      await refuse(method, path, body, [], "unauthenticated");
      await refuse(method, path, body, ["Authorization: Bearer x"], "unauthenticated");
      await refuse(method, path, body, [`Authorization: Bearer ${weak}`], "insufficient_scope");
    }
  }
}, 60_000);

test("an unknown path, another method and too large a body are refused without waiting for the body", async () => {
  const authorization = `Authorization: Bearer ${await mintToken()}`;
  for (const body of Object.values(UNFINISHED)) {
    await refuse("POST", "/v1/nothing", body, [authorization], "not_found");
    await refuse("PUT", "/v1/deposits", body, [authorization], "method_not_allowed");
    await refuse("POST", "/v1/deposits", body, [authorization, "Content-Encoding: gzip"], "unsupported_media_type");
  }
  const large = ["Content-Length: 1048577", "", "{"];
  await refuse("POST", "/v1/deposits", large, [authorization], "body_too_large");
  const chunk = `100001\r\n${"x".repeat(2 ** 20 + 1)}\r\n`;
  await refuse("POST", "/v1/deposits", ["Transfer-Encoding: chunked", "", chunk], [authorization], "body_too_large");
}, 60_000);
