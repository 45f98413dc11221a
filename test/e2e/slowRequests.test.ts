import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { expectProblem } from "../support/api/problem.ts";
import { parseAnswer, sendRaw } from "../support/api/rawRequest.ts";

const authorization = `Authorization: Bearer ${await mintToken()}`;
const head = ["POST /v1/deposits HTTP/1.1", "Host: x", authorization, "Content-Type: application/json"];

/** Slow bodies after complete headers: the beginning, then the text that is sent repeatedly. */
const SLOW = {
  "a body of a declared length, bit by bit": [[...head, "Content-Length: 1000", "", "{"].join("\r\n"), " "],
  "a body in chunks, bit by bit": [
    [...head, "Transfer-Encoding: chunked", "", "1\r\n{\r\n"].join("\r\n"),
    "1\r\n \r\n",
  ],
  "a declared body that is never sent": [[...head, "Content-Length: 1000", "", ""].join("\r\n"), ""],
} as const;

test("a slow or missing body gets a 400 and is disconnected, and so are headers that do not end", async () => {
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
