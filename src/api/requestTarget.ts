import { Problem } from "./problems.ts";

/**
 * Refuses, before anything else is done with the request, one whose Host makes no address: what the framework then takes for path and query
 * may be something else.
 * @throws Problem `invalid_request`
 */
export function assertReadableTarget({ url }: Request): void {
  if (URL.canParse(url)) return;
  throw new Problem("invalid_request", {
    extensions: { errors: [{ field: "Host", message: "must be the host that is asked, with its port if it has one" }] },
  });
}

/** The path that was asked for, without the query; also where the Host makes no address. */
export function pathOf({ url }: Request): string {
  return URL.parse(url)?.pathname ?? url.replace(/^http:\/\/[^/]*|\?.*$/g, "");
}
