import { connect } from "node:net";
import { type Answer, stack } from "./client.ts";

/** Sends these lines verbatim and reads until the service closes the connection. The body is returned as text. */
export async function rawRequest(lines: readonly string[]): Promise<Answer & { body: string }> {
  return parseAnswer(await sendRaw([...lines, "Connection: close", "", ""].join("\r\n")));
}

/** Sends the text, then `drop` every 200 ms until the server closes the connection. @returns all that was received */
export function sendRaw(text: string, drop?: string, port: number = stack.ports.api): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (data) => {
      answer += data;
    });
    socket.on("error", reject);
    const timer = drop === undefined ? undefined : setInterval(() => socket.write(drop), 200);
    socket.on("close", () => {
      clearInterval(timer);
      resolve(answer);
    });
    socket.write(text);
  });
}

/** Parses status, headers and body of a raw response. */
export function parseAnswer(answer: string): Answer & { body: string } {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  const [first = "", ...headers] = head.split("\r\n");
  return { status: Number(first.split(" ")[1]), headers: new Headers(headers.map(toHeader)), body };
}

function toHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
