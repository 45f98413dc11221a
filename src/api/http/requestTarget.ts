import { formatFieldName, invalidRequest } from "./fieldErrors.ts";

/**
 * Refuses an invalid or repeated Host header and repeated query parameters, before any other work.
 *
 * Bun takes the first of several Hosts, a proxy may take another one. With an invalid Host the framework may misread
 * path and query. Of a repeated parameter it would use the last value and ignore the others.
 *
 * @throws Problem `invalid_request`
 */
export function assertReadableTarget({ url, headers }: Request): void {
  const target = URL.parse(url);
  // Several Hosts arrive joined by a comma.
  if (!target || headers.get("host")?.includes(",")) {
    throw invalidRequest([
      { field: "Host", message: "must be the one host of the request, with its port if it has one" },
    ]);
  }
  if (target.search === "") return;
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of target.searchParams.keys()) (seen.has(name) ? twice : seen).add(name);
  if (twice.size > 0)
    throw invalidRequest([...twice].map((name) => ({ field: formatFieldName(name), message: "is given twice" })));
}

/** The path of the request, without its query; also where the Host is invalid. */
export function pathOf({ url }: Request): string {
  return URL.parse(url)?.pathname ?? url.replace(/^http:\/\/[^/]*|\?.*$/g, "");
}
