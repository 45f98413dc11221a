import { formatCsv } from "./csv.ts";

/** The first line of a month's orders. */
export const ORDERS_HEADER = "service id;service name;order;user;operation;amount;time\n";

/**
 * Lines of one service, without their first two cells, each ended by a line feed.
 * The others are ids, amounts and times, which need no quotes.
 */
export type ServiceLines = { serviceId: string; name: string; rest: string };

/** Formats the lines of the services as CSV, in their order. */
export function writeOrders(services: readonly ServiceLines[]): Uint8Array {
  const text = services.map(({ serviceId, name, rest }) => {
    const start = `${formatCsv([[serviceId, name]]).slice(0, -1)};`;
    return `${start}${rest.slice(0, -1).split("\n").join(`\n${start}`)}\n`;
  });
  return Buffer.from(text.join(""), "utf8");
}
