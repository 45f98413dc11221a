import { API_URL, readOpen } from "./api.ts";

export type RevenueLine = { name: string; total: string };

/** The address of a report's file on the page's own origin. The link in the answer has the public address. */
export function openPathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return new URL(`${pathname.slice(pathname.indexOf("/v1/") + 1)}${search}`, API_URL).href;
}

/** The lines of a revenue report, from its file. */
export async function readRevenueLines(url: string): Promise<RevenueLine[]> {
  return parseRevenue(await (await readOpen(openPathOf(url))).text());
}

/** `name;total` on each line; a name in quotes may hold bars, quotes and line breaks. */
export function parseRevenue(csv: string): RevenueLine[] {
  return [...csv.matchAll(/("(?:[^"]|"")*"|[^;\n]*);(-?\d+\.\d\d)\n/g)].map(([, name = "", total = ""]) => ({
    name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name,
    total,
  }));
}
