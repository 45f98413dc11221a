import { toMinor } from "./amounts.ts";
import type { Entry } from "./types.ts";

/** The balance at a time, in minor units. */
export type Point = { atMs: number; available: bigint; total: bigint };

/**
 * The balance at a period's start, after each entry, and at its end or now.
 *
 * `entries` are in the order of time. Without `from` the line starts at the first of them, and without entries there
 * is none.
 */
export function pointsOf(
  entries: Entry[],
  period: { from: string | undefined; to: string | undefined },
  nowMs: number,
): Point[] {
  const points = entries.map(({ createdAt, availableAfter, reservedAfter }) =>
    pointAt(Date.parse(createdAt), toMinor(availableAfter), toMinor(reservedAfter)),
  );
  const [first, last] = [entries[0], points.at(-1)];
  if (!first || !last) return [];
  const before = pointAt(
    Date.parse(period.from ?? first.createdAt),
    toMinor(first.availableAfter) - toMinor(first.availableDelta),
    toMinor(first.reservedAfter) - toMinor(first.reservedDelta),
  );
  const endMs = Math.min(nowMs, Date.parse(period.to ?? "9999-12-31"));
  return [
    ...(period.from === undefined ? [] : [before]),
    ...points,
    // The clocks of browser and server differ.
    ...(endMs > last.atMs ? [{ ...last, atMs: endMs }] : []),
  ];
}

function pointAt(atMs: number, available: bigint, reserved: bigint): Point {
  return { atMs, available, total: available + reserved };
}
