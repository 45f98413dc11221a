import { expect, test } from "bun:test";
import { connect } from "node:net";
import { mintToken } from "../../scripts/keys.ts";
import { stack } from "../support/api.ts";
import { expectProblem } from "../support/problem.ts";

const authorization = `Authorization: Bearer ${await mintToken()}`;
const head = ["POST /v1/deposits HTTP/1.1", "Host: x", authorization, "Content-Type: application/json"];

/** Sends the beginning at once and `drop` every 200 ms from then on, until the service hangs up; returns what it said. */
function drip(beginning: string, drop: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(stack.ports.api, "127.0.0.1");
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (text) => {
      answer += text;
    });
    socket.on("error", reject);
    const timer = setInterval(() => socket.write(drop), 200);
    socket.on("close", () => {
      clearInterval(timer);
      resolve(answer);
    });
    socket.write(beginning);
  });
}

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
  const headers = drip(head.join("\r\n"), "");
  const slowHeaders = drip("POST /v1/deposits HTTP/1.1\r\nX: ", "x");
  const answers = await Promise.all(
    Object.entries(SLOW).map(async ([name, [beginning, drop]]) => [name, await drip(beginning, drop)] as const),
  );
  for (const [name, answer] of answers) {
    const [lines = "", body = ""] = answer.split("\r\n\r\n");
    const [first = "", ...others] = lines.split("\r\n");
    const named = others.map((line) => line.split(": ") as [string, string]);
    expect([name, first]).toEqual([name, "HTTP/1.1 400 Bad Request"]);
    const problem = { status: 400, headers: new Headers(named), body: JSON.parse(body) };
    expectProblem(problem, "invalid_request", "/v1/deposits");
    expect(problem.body.detail).toContain("did not arrive");
  }
  expect([await headers, await slowHeaders]).toEqual(["", ""]);
});
