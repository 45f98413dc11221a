import { useRef, useState } from "preact/hooks";
import { addAmounts, fromMinor, toMinor } from "./amounts.ts";
import { type Api, orAbsent } from "./api.ts";
import { type Point, pointsOf } from "./balancePoints.ts";
import { useSigned } from "./context.ts";
import { formatClock, formatCount, formatDay, formatShort, formatTime, money } from "./format.ts";
import { useLoad } from "./load.ts";
import { FailureBox, Loading } from "./parts.tsx";
import { readPeriod } from "./statementFilters.tsx";
import { T } from "./texts.ts";
import type { Entry } from "./types.ts";
import { useWidth } from "./width.ts";

/** Enough for a line on the widest screen. A longer account is seen by its periods. */
const ENTRIES_MAX = 500;
const CLOCKS_APART_MS = 60_000;
/** A million. */
const SHORT_FROM_MINOR = 100_000_000n;
const HEIGHT = 200;
const MARGIN = { top: 12, right: 12, bottom: 24, left: 84 };

type Props = { userId: string; version: string; currency: string; query: URLSearchParams };

/** The balance over the chosen period, as steps over time. */
export function BalanceChart({ userId, version, currency, query }: Props) {
  const { api } = useSigned();
  const period = readPeriod(query);
  const key = `${userId} ${JSON.stringify(period)}`;
  const { data, failure, reload } = useLoad(key, () => readPoints(api, userId, period), version);
  return (
    <section class="card" aria-labelledby="chart">
      <header class="bar">
        <h2 id="chart">{T.chart.title}</h2>
        {data?.isCut && <span class="fine">{T.chart.cut(formatCount(ENTRIES_MAX))}</span>}
      </header>
      {failure && <FailureBox failure={failure} retry={reload} />}
      {!data && !failure && <Loading />}
      {data?.points.length === 0 && <p class="fine">{T.chart.empty}</p>}
      {data && data.points.length > 0 && <Steps points={data.points} currency={currency} />}
    </section>
  );
}

type Period = ReturnType<typeof readPeriod>;

async function readPoints(api: Api, userId: string, period: Period): Promise<{ points: Point[]; isCut: boolean }> {
  const entries: Entry[] = [];
  let cursor: string | null = null;
  do {
    const query = { ...period, limit: 100, ...(cursor !== null && { cursor }) };
    const page: { items: Entry[]; nextCursor: string | null } = await api.read((http) =>
      http.GET("/v1/users/{userId}/transactions", { params: { path: { userId }, query } }),
    );
    entries.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && entries.length < ENTRIES_MAX);
  const isCut = cursor !== null;
  if (entries.length === 0) return { points: await readLevel(api, userId, period), isCut };
  // A line that is cut starts at its first entry.
  const from = isCut ? undefined : period.from;
  return { points: pointsOf(entries.toReversed(), { from, to: period.to }, Date.now()), isCut };
}

function ascending(a: bigint, b: bigint): number {
  return Number(a - b);
}

/** The balance of a period without entries, as a level line. None before the first entry of the account. */
async function readLevel(api: Api, userId: string, { from, to }: Period): Promise<Point[]> {
  const nowMs = Date.now();
  const endMs = Math.min(nowMs, to === undefined ? nowMs : Date.parse(to));
  // The API refuses the future, and the browser's clock may be ahead.
  const isPast = endMs < nowMs - CLOCKS_APART_MS;
  const query = isPast ? { at: new Date(endMs).toISOString() } : { consistency: "strong" as const };
  const balance = await orAbsent(
    api.read((http) => http.GET("/v1/users/{userId}/balance", { params: { path: { userId }, query } })),
  );
  if (!balance || balance.version === 0) return [];
  const [available, total] = [balance.available, addAmounts(balance.available, balance.reserved)].map(toMinor);
  const point = { available: available!, total: total! };
  const startMs = from === undefined ? endMs : Math.min(endMs, Date.parse(from));
  return [startMs, endMs].map((atMs) => ({ atMs, ...point }));
}

/** A short amount: the axis has room for ten characters. */
function axisLabel(minor: bigint): string {
  return minor < SHORT_FROM_MINOR ? money(fromMinor(minor)) : formatShort(Number(minor) / 100);
}

function Steps({ points, currency }: { points: Point[]; currency: string }) {
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const [at, setAt] = useState<number>();
  const [first, last] = [points[0]!, points.at(-1)!];
  const top =
    points
      .map(({ total }) => total)
      .toSorted(ascending)
      .at(-1) || 1n;
  const spanMs = Math.max(1, last.atMs - first.atMs);
  const x = (ms: number) => MARGIN.left + ((ms - first.atMs) / spanMs) * (width - MARGIN.left - MARGIN.right);
  const y = (minor: bigint) =>
    HEIGHT - MARGIN.bottom - (Number(minor) / Number(top)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const line = (of: (point: Point) => bigint) =>
    points
      .map(
        (one, index) =>
          `${index === 0 ? "M" : "H"}${x(one.atMs).toFixed(1)}${index === 0 ? " " : "V"}${y(of(one)).toFixed(1)}`,
      )
      .join("");
  const available = line((one) => one.available);
  const base = HEIGHT - MARGIN.bottom;
  const isOneDay = formatDay(first.atMs) === formatDay(last.atMs);
  const tick = isOneDay ? formatClock : formatDay;
  const shown = points[at ?? points.length - 1]!;
  return (
    <>
      <p class="reading">
        <span>{formatTime(shown.atMs)}</span>
        <span class="key available">{T.chart.available(money(fromMinor(shown.available), currency))}</span>
        <span class="key total">{T.chart.total(money(fromMinor(shown.total), currency))}</span>
      </p>
      <div
        ref={ref}
        class="chart"
        onPointerMove={(event) => {
          const ms =
            first.atMs + ((event.offsetX - MARGIN.left) / Math.max(1, width - MARGIN.left - MARGIN.right)) * spanMs;
          const next = points.findIndex(({ atMs }) => atMs > ms);
          setAt(next === -1 ? points.length - 1 : Math.max(0, next - 1));
        }}
        onPointerLeave={() => setAt(undefined)}
      >
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={T.chart.label({
            from: formatTime(first.atMs),
            to: formatTime(last.atMs),
            top: money(fromMinor(top), currency),
            last: money(fromMinor(last.available), currency),
          })}
        >
          {[0n, top / 2n, top].map((minor) => (
            <g key={`${minor}`} class="grid">
              <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(minor)} y2={y(minor)} />
              <text x={MARGIN.left - 8} y={y(minor) + 4} text-anchor="end">
                {axisLabel(minor)}
              </text>
            </g>
          ))}
          <path class="area" d={`${available}V${base}H${x(first.atMs)}Z`} />
          <path class="line total" d={line((one) => one.total)} />
          <path class="line available" d={available} />
          {at !== undefined && <line class="cursor" x1={x(shown.atMs)} x2={x(shown.atMs)} y1={MARGIN.top} y2={base} />}
          <circle class="dot" cx={x(shown.atMs)} cy={y(shown.available)} r="4" />
          <g class="grid">
            <text x={MARGIN.left} y={HEIGHT - 6}>
              {tick(first.atMs)}
            </text>
            {last.atMs !== first.atMs && (
              <text x={width - MARGIN.right} y={HEIGHT - 6} text-anchor="end">
                {tick(last.atMs)}
              </text>
            )}
          </g>
        </svg>
      </div>
    </>
  );
}
