import { API_URL, readOpen } from "./api.ts";
import { parseRevenue, type RevenueLine } from "./revenue.ts";

/** The address of a report's file on the page's own origin. The link in the answer has the public address. */
export function openPathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return new URL(`${pathname.slice(pathname.indexOf("/v1/") + 1)}${search}`, API_URL).href;
}

/** The lines of a revenue report, from its file. */
export async function readRevenueLines(url: string): Promise<RevenueLine[]> {
  return parseRevenue(await (await readOpen(openPathOf(url))).text());
}
