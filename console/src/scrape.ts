import type { Api } from "./api.ts";
import { parseExposition, type Scrape } from "./metrics.ts";

/** The route is the console's own, so the client has no type of it. */
type GetText = (path: string, init: { parseAs: "text" }) => Promise<{ data?: string; response: Response }>;

/** Scrapes the metrics of a process. The time is the server's own, where it sends one. @throws Failure */
export async function scrapeMetrics(api: Api): Promise<Scrape> {
  let servedAtMs = Number.NaN;
  const text = await api.read(async (http) => {
    const answered = await (http.GET as unknown as GetText)("/console/metrics", { parseAs: "text" });
    servedAtMs = Date.parse(answered.response.headers.get("date") ?? "");
    return answered;
  });
  return parseExposition(text, Number.isNaN(servedAtMs) ? Date.now() : servedAtMs);
}
