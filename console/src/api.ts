import { createSaldo, type Saldo } from "../../client/src/index.ts";
import { Failure, isProblem, toFailure } from "./failure.ts";
import type { Session } from "./token.ts";

/** The timeout of a read, so that a frozen process ends as an error. A file must only begin within it. */
const READ_TIMEOUT_MS = 15_000;

/** The time in which a click repeats its request. Then the page offers to ask again. */
const MOVE_DEADLINE_MS = 30_000;

/** The address of the API: the folder of the page, also behind a proxy's prefix. */
export const API_URL = new URL(".", location.href.replace(/[?#].*$/, "")).href;

export type Api = ReturnType<typeof createApi>;

type Answered<Data> = { data?: Data; error?: unknown; response: Response };

/**
 * The client with the token of the session.
 *
 * `renew` is called where the API refuses the token. Requests wait for the token that it resolves with.
 */
export function createApi(session: Session, renew: () => Promise<string>) {
  const requestIds = new Map<string, string>();
  let isFirst = true;
  const saldo: Saldo = createSaldo({
    url: API_URL,
    deadlineMs: MOVE_DEADLINE_MS,
    token: () => {
      if (!isFirst) return renew();
      isFirst = false;
      return session.token;
    },
    fetch: async (request) => {
      const requestId = `console-${randomId()}`;
      request.headers.set("x-request-id", requestId);
      const key = request.headers.get("idempotency-key");
      if (key !== null) requestIds.set(key, requestId);
      if (request.method !== "GET") return await fetch(request);
      return await fetchInTime(request).catch((error: unknown) => {
        throw toFailure(error, requestId);
      });
    },
  });

  return {
    saldo,
    /** The id of the last request with this key. */
    requestIdOf: (key: string) => requestIds.get(key),
    /** The data of a read. @throws Failure */
    async read<Data>(request: (http: Saldo["http"]) => Promise<Answered<Data>>): Promise<Data> {
      const { data, error, response } = await request(saldo.http).catch((thrown: unknown) => {
        throw toFailure(thrown);
      });
      if (response.ok && data !== undefined) return data;
      throw refusalOf(response, error);
    },
  };
}

/** Reads a file that needs no token. `accepted` are further statuses that are no failure. @throws Failure */
export async function readOpen(path: string, accepted: number[] = []): Promise<Response> {
  const response = await fetchInTime(new Request(new URL(path, API_URL))).catch((error: unknown) => {
    throw toFailure(error);
  });
  if (response.ok || accepted.includes(response.status)) return response;
  throw refusalOf(response, await response.json().catch(() => undefined));
}

/** The failure of an answer without the data. Its body may be a problem. */
function refusalOf(response: Response, body: unknown): Failure {
  const requestId = response.headers.get("x-request-id") ?? undefined;
  return isProblem(body)
    ? new Failure(body.code, { problem: body, requestId })
    : new Failure("no_problem", { requestId });
}

async function fetchInTime(request: Request): Promise<Response> {
  const isFile = request.headers.get("accept") === "text/csv" || new URL(request.url).pathname.endsWith(".csv");
  if (!isFile) {
    return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(READ_TIMEOUT_MS)]) });
  }
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("No answer", "TimeoutError")), READ_TIMEOUT_MS);
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, late.signal]) });
  } finally {
    clearTimeout(timer);
  }
}

/** The data, or undefined where the API answers 404. */
export async function orAbsent<Data>(read: Promise<Data>): Promise<Data | undefined> {
  return await read.catch((error: unknown) => {
    if (error instanceof Failure && error.problem?.status === 404) return undefined;
    throw error;
  });
}

/** 128 random bits. Also on pages without TLS, where `crypto.randomUUID` is absent. */
export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
