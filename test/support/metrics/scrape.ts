import { apiUrl, processOrigins } from "../api/client.ts";
import { parseExposition, sampleKey } from "./exposition.ts";

/** Scrapes one process. A sample that is absent counts as 0. */
export async function scrape(origin: string = apiUrl) {
  const response = await fetch(`${origin}/metrics`);
  const text = await response.text();
  const { types, samples } = parseExposition(text);
  return {
    response,
    text,
    types,
    samples,
    valueAt: (name: string, labels?: Record<string, string>): number => samples.get(sampleKey(name, labels)) ?? 0,
  };
}

/** Scrapes all processes of the service and sums their values. */
export async function scrapeAll() {
  const scrapes = await Promise.all(processOrigins.map(scrape));
  return {
    text: scrapes.map(({ text }) => text).join(""),
    valueAt: (name: string, labels?: Record<string, string>): number =>
      scrapes.reduce((sum, { valueAt }) => sum + valueAt(name, labels), 0),
  };
}
