import { type Api, readOpen } from "./api.ts";
import { saveFile } from "./download.ts";
import { parseRevenue } from "./revenue.ts";

/** The reports of a month, each with a file. */
export const REPORTS = ["revenue", "orders", "balances"] as const;

/** The time zones that are furthest ahead of and behind UTC. */
export const FIRST_ZONE_HOURS = 14;
export const LAST_ZONE_HOURS = -12;

const readReport = {
  revenue: (api: Api, month: string) =>
    api.read((http) => http.GET("/v1/reports/revenue", { params: { query: { month } } })),
  orders: (api: Api, month: string) =>
    api.read((http) => http.GET("/v1/reports/revenue", { params: { query: { month, detail: "orders" } } })),
  balances: (api: Api, month: string) =>
    api.read((http) => http.GET("/v1/reports/balances", { params: { query: { month } } })),
};

export type MonthData = Awaited<ReturnType<typeof readMonth>>;

/** The reports of a month, and the lines of the revenue by service. @throws Failure */
export async function readMonth(api: Api, month: string) {
  const [revenue, orders, balances] = await Promise.all([
    readReport.revenue(api, month),
    readReport.orders(api, month),
    readReport.balances(api, month),
  ]);
  const file = await readOpen(openPathOf(revenue.url));
  return { month, revenue, orders, balances, lines: parseRevenue(await file.text()) };
}

/** The running month of the reports' time zone, which is not public. A month that is closed there has ended. */
export async function readRunningMonth(api: Api): Promise<MonthData> {
  const [first, last] = [monthIn(FIRST_ZONE_HOURS), monthIn(LAST_ZONE_HOURS)];
  const data = await readMonth(api, last);
  return first !== last && data.balances.status === "final" ? await readMonth(api, first) : data;
}

/** The present month in a time zone. */
export function monthIn(zoneHours: number): string {
  return new Date(Date.now() + zoneHours * 3_600_000).toISOString().slice(0, 7);
}

/** Saves the file of a report. Links end after an hour, so it reads a new one. @throws Failure */
export async function saveReport(api: Api, name: (typeof REPORTS)[number], month: string): Promise<void> {
  const { url } = await readReport[name](api, month);
  const response = await readOpen(openPathOf(url));
  const [, fileName] = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "") ?? [];
  saveFile(await response.blob(), fileName ?? `${name}-${month}.csv`);
}

/** The path of a report's file below the API. The link in the answer has the public address. */
function openPathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname.slice(pathname.lastIndexOf("/v1/") + 1)}${search}`;
}
