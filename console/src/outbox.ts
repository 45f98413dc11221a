import { type Scrape, sumOf } from "./metrics.ts";

/** Whether an operation's events are in Kafka. It may be "waiting" where an older event waits. */
export type EventState = "published" | "waiting" | "unknown";

/** A bound of the clocks' difference. `Date` has whole seconds only. */
const MARGIN_MS = 5_000;

/**
 * The state of an operation's events, as far as the outbox shows it.
 *
 * An event that is older than the oldest waiting one has left the outbox, which it does once Kafka has acknowledged it.
 * The operation must have been read before the scrape.
 */
export function eventStateOf(completedAt: string, scrape: Scrape): EventState {
  const waiting = sumOf(scrape, "saldo_unpublished_carriers");
  if (waiting === undefined) return "unknown";
  if (waiting === 0) return "published";
  const ageMs = (sumOf(scrape, "saldo_unpublished_oldest_age_seconds") ?? 0) * 1_000;
  return Date.parse(completedAt) < scrape.atMs - ageMs - MARGIN_MS ? "published" : "waiting";
}
