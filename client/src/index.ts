import createClient, { type Client } from "openapi-fetch";
import { createAuthorized, type Fetch, type Token } from "./authorized.ts";
import {
  type Answer,
  type Batch,
  type BatchOutcome,
  type Fields,
  type Name,
  type Outcome,
  ROUTES,
  readBatch,
  readOutcome,
} from "./outcomes.ts";
import type { paths } from "./schema.ts";
import { type Attempt, untilFinal } from "./untilFinal.ts";

export { SaldoError, SaldoUncertain } from "./errors.ts";
export type { Batch, BatchOutcome, Completed, DeclineCode, Declined, Fields, Outcome, Problem } from "./outcomes.ts";
export type { components, operations, paths } from "./schema.ts";

export type SaldoOptions = {
  /** The address of the API. */
  url: string;
  /** A function is called for the first request, and again where its token is refused. */
  token: Token;
  fetch?: Fetch;
  /** The time in which a call repeats its request; 60 s by default. */
  deadlineMs?: number;
  /** The time that one request waits for the outcome. The default is 5 s, the maximum 30 s. */
  waitSeconds?: number;
};

export type BatchOptions = { signal?: AbortSignal; deadlineMs?: number };
/** `key` is the Idempotency-Key, a new one by default. */
export type CallOptions = BatchOptions & { key?: string };

type Json = `application/${string}json`;

export type Saldo = {
  /** Requests of all routes with JSON, each sent once. They are for reading. */
  http: Client<paths, Json>;
  /** Submits many operations. An item without an `idempotencyKey` gets a new one. */
  submitBatch(batch: Batch, options?: BatchOptions): Promise<BatchOutcome[]>;
} & { [N in Name]: (fields: Fields<N>, options?: CallOptions) => Promise<Outcome<N>> };

/**
 * Creates a client whose methods have the operation ids of the API document.
 *
 * A method repeats its request with the same key until the outcome is known. It throws SaldoError where the request is
 * refused, and SaldoUncertain where the deadline or an abort ends it before.
 */
export function createSaldo(options: SaldoOptions): Saldo {
  const { waitSeconds = 5, fetch = (request: Request) => globalThis.fetch(request) } = options;
  const baseUrl = new URL(options.url).href.replace(/\/$/, "");
  const { send, readToken } = createAuthorized(fetch, options.token);

  /** POSTs until the outcome is known. */
  async function post<Result>(
    path: string,
    body: object,
    keys: readonly string[],
    read: (answer: Answer) => Result | undefined,
    { deadlineMs = options.deadlineMs ?? 60_000, signal, key }: CallOptions,
  ): Promise<Result> {
    const url = `${baseUrl}${path}`;
    const headers = new Headers({ "content-type": "application/json" });
    if (key !== undefined) headers.set("idempotency-key", key);
    const text = JSON.stringify(body);
    const sendOnce = async ({ preferSeconds, signal }: Attempt) => {
      headers.set("prefer", `wait=${preferSeconds}`);
      return await readAnswer(await send(() => new Request(url, { method: "POST", headers, body: text, signal })));
    };
    return await untilFinal({ keys, prepare: readToken, send: sendOnce, read, waitSeconds, deadlineMs, signal });
  }

  function methodOf(template: string) {
    return async (fields: { reservationId?: string }, { key = crypto.randomUUID(), ...others }: CallOptions = {}) => {
      const { reservationId = "", ...body } = fields;
      const path = template.replace("{reservationId}", encodeURIComponent(reservationId));
      return await post(path, body, [key], readOutcome, { key, ...others });
    };
  }

  const methods = Object.entries(ROUTES).map(([name, template]) => [name, methodOf(template)] as const);
  return {
    ...(Object.fromEntries(methods) as unknown as Pick<Saldo, Name>),
    http: createClient<paths, Json>({ baseUrl, fetch: (request) => send(() => request.clone() as Request) }),
    async submitBatch({ operations, ...others }, options = {}) {
      const items = operations.map((item) => ({ ...item, idempotencyKey: item.idempotencyKey ?? crypto.randomUUID() }));
      const keys = items.map(({ idempotencyKey }) => idempotencyKey);
      const read = (answer: Answer) => readBatch(answer, keys);
      return await post("/v1/batches", { operations: items, ...others }, keys, read, options);
    },
  };
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const answer = { status: response.status, retryAfter: response.headers.get("retry-after") };
  try {
    return { ...answer, body: JSON.parse(text) as unknown };
  } catch {
    return { ...answer, body: undefined };
  }
}
