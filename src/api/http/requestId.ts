const HEADER = "x-request-id";

/** A caller's valid id. Log lines and headers can contain it unchanged. */
const PATTERN = /^[\x21-\x7e]{1,128}$/;

type ResponseSettings = { headers: Record<string, string | number> };

/**
 * Assigns the request its id: a valid `X-Request-Id`, else a new one.
 *
 * One id thus finds a request in the logs of all services. It is stored in the response's headers, so every response
 * has it.
 */
export function assignRequestId({ headers }: Request, response: ResponseSettings): void {
  const given = headers.get(HEADER);
  response.headers[HEADER] = given !== null && PATTERN.test(given) ? given : crypto.randomUUID();
}

/** The id of the request; a new one if it failed before it had one. */
export function requestIdOf({ headers }: ResponseSettings): string {
  headers[HEADER] ??= crypto.randomUUID();
  return String(headers[HEADER]);
}
