import { mintToken } from "../../../scripts/keys.ts";
import type { StackName } from "../../../scripts/stack/site.ts";
import { createStack } from "../../../scripts/stack/stack.ts";
import { assertDocumented } from "./documentedAnswers.ts";

/** The stack that `./dev test` started for this test folder. */
export const stack = createStack((process.env.SALDO_TEST_STACK ?? "test") as StackName);

export const apiUrl = `http://127.0.0.1:${stack.ports.api}`;

/** Whether the tests run against two APIs and two workers: `--processes many`. */
export const isMany = process.env.SALDO_TEST_PROCESSES === "many";
/** Request targets, used in turn. */
const origins = isMany ? [apiUrl, stack.address("api-2")] : [apiUrl];
/** The address of each process of the service. */
export const processOrigins = isMany ? [...origins, stack.address("worker-1"), stack.address("worker-2")] : [apiUrl];
let turn = 0;

/**
 * The id of the workflow that carries an operation.
 *
 * It is a carrier, a saga or an atomic batch. All of them pull, so the kind of operation does not determine which.
 */
export const CARRIER_ID = new RegExp(
  ["carrier-X-X-7X-VX-X", "reservation-X-X-8X-VX-X", "batch-X-X-8X-VX-X"]
    .map((id) => `^${id.replace("VX", "[89ab][0-9a-f]{3}").replaceAll("X", "[0-9a-f]+")}$`)
    .join("|"),
);

export type Answer = {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
};

export type RequestOptions = {
  /** The Idempotency-Key; a fresh one by default, none where null. */
  key?: string | null;
  /** Seconds of `Prefer: wait=N`; undefined for the service's default. */
  wait?: number;
  /** Whether to send `Prefer: respond-async`. */
  isAsync?: boolean;
  token?: string;
  /** The process to call, where it matters. */
  origin?: string;
  headers?: Record<string, string>;
};

const token = await mintToken({});

/** Retries after an unknown outcome. On a busy machine a workflow may start later than the service waits for it. */
const UNKNOWN_OUTCOMES_MAX = 10;

/**
 * POSTs JSON with a token of all scopes; a string as `body` is sent verbatim.
 *
 * With a generated key it repeats the request while the outcome is unknown, as every client has to.
 */
export async function post(path: string, body: unknown, options: RequestOptions = {}): Promise<Answer> {
  if (options.key !== undefined) return await postOnce(path, body, options.key, options);
  const key = crypto.randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    const answer = await postOnce(path, body, key, options);
    if (answer.body?.code !== "outcome_unknown" || attempt === UNKNOWN_OUTCOMES_MAX) return answer;
  }
}

function postOnce(path: string, body: unknown, key: string | null, options: RequestOptions): Promise<Answer> {
  return send(path, options, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: {
      "content-type": "application/json",
      ...(key !== null && { "idempotency-key": key }),
      ...(options.wait !== undefined && { prefer: `wait=${options.wait}` }),
      ...(options.isAsync && { prefer: "respond-async" }),
    },
  });
}

/** PUTs JSON; a `body` that is a string is sent verbatim. */
export function put(path: string, body: unknown, options: RequestOptions = {}): Promise<Answer> {
  return send(path, options, {
    method: "PUT",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
}

export function get(path: string, options: RequestOptions = {}): Promise<Answer> {
  const headers = { ...(options.wait !== undefined && { prefer: `wait=${options.wait}` }) };
  return send(path, options, { method: "GET", headers });
}

/** Sends a request and checks the answer against the API document. */
async function send(
  path: string,
  options: RequestOptions,
  request: { method: string; body?: string; headers: Record<string, string> },
): Promise<Answer> {
  turn += 1;
  const origin = options.origin ?? origins[turn % origins.length]!;
  const response = await fetch(`${origin}${path}`, {
    ...request,
    headers: { authorization: `Bearer ${options.token ?? token}`, ...request.headers, ...options.headers },
  });
  const text = await response.text();
  const answer = { status: response.status, headers: response.headers, body: text === "" ? undefined : parse(text) };
  await assertDocumented(origin, request.method, path, answer);
  return answer;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
