import { Elysia } from "elysia";
import type { Authentication } from "../auth/authentication.ts";
import { METRICS_TYPE, type Probes } from "../health/index.ts";
import { Problem } from "../http/problems.ts";
import { PAGE, type PageFile, type PageFiles } from "./files.ts";

/** Allows own sources only, nothing inline. Styles that the page's script sets on elements are not restricted by it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A file with a hash in its name never changes. */
const IMMUTABLE = "public, max-age=31536000, immutable";

/**
 * GET /console, the page for support, accounting and operators, and its files. They need no token.
 *
 * Its metrics are those of GET /metrics, which a front hides. Any valid token reads them.
 */
export function consolePage(files: PageFiles, requireScope: Authentication, scrape: Probes["scrape"]) {
  const metrics = new Elysia({ detail: { hide: true } }).use(requireScope()).get("/console/metrics", async () => {
    const headers = { "content-type": METRICS_TYPE, "cache-control": "no-store" };
    return new Response(await scrape(), { headers });
  });
  return new Elysia({ detail: { hide: true } })
    .use(metrics)
    .get("/console", ({ headers }) => {
      const page = files.get(PAGE)!;
      const policy = { "cache-control": "no-cache", "content-security-policy": POLICY };
      // The headers of a 304 replace those of the page in the browser.
      const isCurrent = headers["if-none-match"] === page.etag;
      if (isCurrent) return new Response(null, { status: 304, headers: { etag: page.etag, ...policy } });
      return serve(page, headers, policy);
    })
    .get("/console/:file", ({ params, headers }) => {
      const file = params.file === PAGE ? undefined : files.get(params.file);
      if (!file) throw new Problem("not_found");
      return serve(file, headers, { "cache-control": IMMUTABLE });
    });
}

function serve(file: PageFile, request: Record<string, string | undefined>, headers: Record<string, string>): Response {
  const isCompressed = /\bgzip\b/.test(request["accept-encoding"] ?? "");
  return new Response(isCompressed ? file.compressed : file.bytes, {
    headers: {
      "content-type": file.type,
      etag: file.etag,
      vary: "accept-encoding",
      ...(isCompressed && { "content-encoding": "gzip" }),
      ...headers,
    },
  });
}
