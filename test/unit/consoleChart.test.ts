import { expect, test } from "bun:test";
import { pointsOf } from "../../console/src/balancePoints.ts";
import type { Entry } from "../../console/src/types.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");
const ALL = { from: undefined, to: undefined };

const entry = (
  createdAt: string,
  available: [delta: string, after: string],
  reserved: [delta: string, after: string],
) =>
  ({
    createdAt,
    ...{ availableDelta: available[0], availableAfter: available[1] },
    ...{ reservedDelta: reserved[0], reservedAfter: reserved[1] },
  }) as Entry;

const entries = [
  entry("2026-11-10T00:00:00Z", ["-30.00", "70.00"], ["30.00", "35.00"]),
  entry("2026-11-12T00:00:00Z", ["0.00", "70.00"], ["-30.00", "5.00"]),
];

const shown = (period: { from: string | undefined; to: string | undefined }) =>
  pointsOf(entries, period, NOW).map(({ atMs, available, total }) => [
    new Date(atMs).toISOString().slice(0, 10),
    Number(available),
    Number(total),
  ]);

test("the line has the balance after each entry, and goes on until now", () => {
  expect(shown(ALL)).toEqual([
    ["2026-11-10", 7_000, 10_500],
    ["2026-11-12", 7_000, 7_500],
    ["2026-11-29", 7_000, 7_500],
  ]);
});

test("the line of a period starts with the balance before it and ends with the period", () => {
  expect(shown({ from: "2026-11-01T00:00:00Z", to: "2026-11-20T00:00:00Z" })).toEqual([
    ["2026-11-01", 10_000, 10_500],
    ["2026-11-10", 7_000, 10_500],
    ["2026-11-12", 7_000, 7_500],
    ["2026-11-20", 7_000, 7_500],
  ]);
});

test("a period that has not ended yet ends now, and without entries there is no line", () => {
  expect(shown({ from: undefined, to: "2026-12-31T00:00:00Z" }).at(-1)![0]).toBe("2026-11-29");
  expect(pointsOf([], ALL, NOW)).toEqual([]);
});

test("an entry that a fast clock of the server puts after now is the end", () => {
  expect(pointsOf(entries, ALL, Date.parse("2026-11-11T00:00:00Z"))).toHaveLength(2);
});
