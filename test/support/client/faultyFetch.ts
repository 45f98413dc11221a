import type { SaldoOptions } from "../../../client/src/index.ts";

export type Fetch = NonNullable<SaldoOptions["fetch"]>;

/** A `fetch` with the given faults, one for each request, and none afterwards. */
export function faultyFetch(...faults: Fetch[]) {
  const requests: Request[] = [];
  return {
    /** All requests that the client made. */
    requests,
    fetch: async (request: Request) => {
      const fault = faults[requests.length] ?? fetch;
      requests.push(request);
      return await fault(request);
    },
    keys: () => new Set(requests.map(({ headers }) => headers.get("idempotency-key"))),
  };
}

/** The connection breaks before the request arrives. */
export const dropRequest: Fetch = () => Promise.reject(new TypeError("fetch failed"));

/** The request is processed, and its response is lost. */
export const dropAnswer: Fetch = async (request) => {
  await (await fetch(request)).text();
  throw new TypeError("fetch failed");
};

/** The request is processed, and another response arrives, of a proxy or the HTTP parser. */
export const answerInstead =
  (status: number, body = "", headers: Record<string, string> = {}): Fetch =>
  async (request) => {
    await (await fetch(request)).text();
    return new Response(body, { status, headers });
  };

/** The response arrives at once, before the outcome: a 202. */
export const answerAtOnce: Fetch = async (request) => {
  const headers = new Headers(request.headers);
  headers.set("prefer", "respond-async");
  return await fetch(new Request(request, { headers }));
};

/** The request never arrives, and no response either. */
export const neverAnswer: Fetch = () => new Promise(() => {});

/** A response of Saldo that refuses a request before it is processed. */
export const refuse =
  (status: number, code: string): Fetch =>
  async () =>
    Response.json(
      { type: `urn:saldo:problem:${code}`, title: code, status, code, retryable: true },
      { status, headers: { "content-type": "application/problem+json", "retry-after": "1" } },
    );
