const HEADER = "x-request-id";

/** What a caller may name a request: anything that a log line and a header can hold as it is. */
const PATTERN = /^[\x21-\x7e]{1,128}$/;

type Answering = { headers: Record<string, string | number> };

/**
 * Gives the request its id: the caller's `X-Request-Id`, if it is one, so that one id leads through the logs of all services, else a new one. It is kept
 * where the answer's headers are, and so goes out with every answer.
 */
export function nameRequest({ headers }: Request, answering: Answering): void {
  const given = headers.get(HEADER);
  answering.headers[HEADER] = given !== null && PATTERN.test(given) ? given : crypto.randomUUID();
}

/** The id that the request was given; a new one where it came no further than that. */
export function requestIdOf({ headers }: Answering): string {
  headers[HEADER] ??= crypto.randomUUID();
  return String(headers[HEADER]);
}
