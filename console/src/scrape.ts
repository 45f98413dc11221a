import { readOpen } from "./api.ts";
import { parseExposition, type Scrape } from "./metrics.ts";

/** Scrapes /metrics. The time is the server's own, where it sends one. */
export async function scrapeMetrics(): Promise<Scrape> {
  const response = await readOpen("metrics");
  const servedAt = Date.parse(response.headers.get("date") ?? "");
  return parseExposition(await response.text(), Number.isNaN(servedAt) ? Date.now() : servedAt);
}
