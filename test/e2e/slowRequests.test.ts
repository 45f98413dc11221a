import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { expectProblem } from "../support/api/problem.ts";
import { parseAnswer, sendRaw } from "../support/api/rawRequest.ts";

const authorization = `Authorization: Bearer ${await mintToken()}`;
const head = ["POST /v1/deposits HTTP/1.1", "Host: x", authorization, "Content-Type: application/json"];

/** With headers that are through, and with those that never are. */
const SLOW = {
  "a body of a declared length, bit by bit": [[...head, "Content-Length: 1000", "", "{"].join("\r\n"), " "],
  "a body in chunks, bit by bit": [
    [...head, "Transfer-Encoding: chunked", "", "1\r\n{\r\n"].join("\r\n"),
    "1\r\n \r\n",
  ],
  "a declared body that never comes": [[...head, "Content-Length: 1000", "", ""].join("\r\n"), ""],
} as const;

test("who sends a body bit by bit, or never, is told and hung up on; whose headers do not end is hung up on", async () => {
  const headers = sendRaw(head.join("\r\n"), "");
  const slowHeaders = sendRaw("POST /v1/deposits HTTP/1.1\r\nX: ", "x");
  const answers = await Promise.all(
    Object.entries(SLOW).map(async ([name, [beginning, drop]]) => [name, await sendRaw(beginning, drop)] as const),
  );
  for (const [name, answer] of answers) {
    expect([name, answer.split("\r\n")[0]]).toEqual([name, "HTTP/1.1 400 Bad Request"]);
    const { status, headers, body } = parseAnswer(answer);
    const problem = { status, headers, body: JSON.parse(body) };
    expectProblem(problem, "invalid_request", "/v1/deposits");
    expect(problem.body.detail).toContain("did not arrive");
  }
  expect([await headers, await slowHeaders]).toEqual(["", ""]);
});
