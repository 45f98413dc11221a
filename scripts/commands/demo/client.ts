import { StackError } from "../../stack/site.ts";
import { print } from "../../terminal.ts";

export interface Call {
  method: "GET" | "POST";
  path: string;
  headers?: Record<string, string>;
  body?: Record<string, string | number | boolean>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** The response headers that the tour prints: those of the payment contract. */
const shownHeaders = ["Location", "Preference-Applied", "Idempotency-Replayed", "Retry-After"];

/** A client that prints each request with its response. */
export function createTourClient(address: string, token: string) {
  return {
    /** @throws StackError if the response's status is not `expected` */
    async show(call: Call, expected: number): Promise<Answer> {
      printCall(call);
      const answer = await send(address, token, call);
      printAnswer(answer);
      expectThat(answer.status === expected, `${call.method} ${call.path} returned ${answer.status}, not ${expected}`);
      return answer;
    },
    /** Sends without printing, for polls. */
    send: (call: Call): Promise<Answer> => send(address, token, call),
  };
}

/** Ends the tour at the first response that breaks the contract. */
export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new StackError(`The demo failed: ${otherwise}.`);
}

async function send(address: string, token: string, call: Call): Promise<Answer> {
  const response = await fetch(`${address}${call.path}`, {
    method: call.method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...call.headers },
    ...(call.body && { body: JSON.stringify(call.body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  try {
    return { status: response.status, headers: response.headers, body: JSON.parse(text) as Record<string, unknown> };
  } catch {
    throw new StackError(`The demo failed: ${call.method} ${call.path} returned ${response.status} without JSON.`);
  }
}

function printCall({ method, path, headers = {}, body }: Call): void {
  print(`> ${method} ${path}`);
  for (const [name, value] of Object.entries(headers)) print(`> ${name}: ${value}`);
  if (body) print(`> ${JSON.stringify(body)}`);
}

function printAnswer({ status, headers, body }: Answer): void {
  print(`< ${status}`);
  for (const name of shownHeaders) {
    const value = headers.get(name);
    if (value !== null) print(`< ${name}: ${value}`);
  }
  // The caller prints the links that matter, on lines of their own.
  for (const [name, value] of Object.entries(body)) {
    if (name !== "links") print(`<   ${name}: ${JSON.stringify(value)}`);
  }
}
