import { connect } from "node:net";
import { type Answer, stack } from "./api.ts";

/** Sends exactly these lines to the service, as no client library would, and reads until it hangs up. The body is its text. */
export function rawRequest(lines: readonly string[]): Promise<Answer & { body: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(stack.ports.api, "127.0.0.1");
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (text) => {
      answer += text;
    });
    socket.on("error", reject);
    socket.on("close", () => {
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      const [first = "", ...headers] = head.split("\r\n");
      resolve({ status: Number(first.split(" ")[1]), headers: new Headers(headers.map(toHeader)), body });
    });
    socket.write([...lines, "Connection: close", "", ""].join("\r\n"));
  });
}

function toHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
