import { afterAll, expect, test } from "bun:test";
import { pino } from "pino";
import { bunErrorHandler } from "../../src/api/http/bunErrorHandler.ts";
import { SECURITY_HEADERS } from "../../src/api/http/securityHeaders.ts";
import type { Answer } from "../support/api/client.ts";
import { expectProblem } from "../support/api/problem.ts";

const lines: string[] = [];
const server = Bun.serve({
  ...bunErrorHandler(pino({}, { write: (line: string) => lines.push(line) })),
  port: 0,
  fetch({ url }) {
    throw new TypeError(`${url} is nothing`);
  },
});
afterAll(() => server.stop(true));

test("an unhandled error is a problem with the id of its log line, and neither shows the query", async () => {
  const response = await fetch(new URL("/v1/x?signature=secret", server.url));
  const answer: Answer = { status: response.status, headers: response.headers, body: await response.json() };
  const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expectProblem(answer, "internal", "/", { requestId });
  expect(answer.headers.get("x-request-id")).toBe(answer.body.requestId);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(answer.headers.get(name)).toBe(value);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({
      level: 50,
      requestId: answer.body.requestId,
      reason: expect.stringMatching(/\/v1\/x\?… is nothing\n +at /),
    }),
  ]);
  expect(lines.join("") + JSON.stringify(answer.body)).not.toContain("secret");
});
