import { fieldNamed, invalidRequest } from "./fieldErrors.ts";

/**
 * Refuses, before anything else is done with the request, one whose Host makes no address: what the framework then takes for path and query
 * may be something else. And one whose query has a name twice: the framework would take the last value and drop the others, unread.
 * @throws Problem `invalid_request`
 */
export function assertReadableTarget({ url }: Request): void {
  const target = URL.parse(url);
  if (!target)
    throw invalidRequest([{ field: "Host", message: "must be the host that is asked, with its port if it has one" }]);
  if (target.search === "") return;
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of target.searchParams.keys()) (seen.has(name) ? twice : seen).add(name);
  if (twice.size > 0)
    throw invalidRequest([...twice].map((name) => ({ field: fieldNamed(name), message: "is given twice" })));
}

/** The path that was asked for, without the query; also where the Host makes no address. */
export function pathOf({ url }: Request): string {
  return URL.parse(url)?.pathname ?? url.replace(/^http:\/\/[^/]*|\?.*$/g, "");
}
