import { describeGoal, judge, median } from "./figures.ts";
import { isClean, type Results } from "./results.ts";
import { growthOfMemory } from "./soak.ts";
import { variantTitles } from "./variants.ts";

type Row = Results["measurements"][number];

/** The parts in the order of a request's way. */
const PARTS = ["load", "service", "temporal", "postgres", "redis", "kafka"] as const;

/** The summary for readers, in Markdown. */
export function writeSummary(results: Results): string {
  const { machine, pace, rounds } = results;
  const rows = pickRows(results.measurements);
  return `${[
    "# Benchmark",
    `Made by \`./dev bench\` on ${results.at.slice(0, 10)}: ${machine.cores} × ${machine.processor}, ${machine.memoryGigabytes} GB, Bun ${machine.bun}; load generator and all servers on this one machine. Each row is ${pace.seconds} s after ${pace.warmUpSeconds} s of warm-up, on a service that has been under load before${rounds > 1 ? `; where there is a goal, the median of ${rounds} rounds` : ""}.`,
    "## Figures",
    table(
      ["figure", "ratio", "goal", "reached", ""],
      results.figures.map((figure) => {
        const verdict = { met: "met", missed: "**missed**", "not measured": "not measured", shown: "" }[judge(figure)];
        const reached = figure.value === undefined ? "–" : figure.value.toFixed(2);
        return [figure.what, figure.ratio, describeGoal(figure), reached, verdict];
      }),
    ),
    "![Operations a second](throughput.svg)",
    "## Throughput and latency",
    "Closed loop: each connection waits for its answer before it asks again; latency is from sending to answer, and a slow service is asked less often. Open loop: requests are sent on a clock, a connection each and second, whatever the answers do; latency is from the moment of sending. *decided* and *event* are from the request's acceptance to the ledger's decision, and to the sending of its last event.",
    table(
      [
        "load",
        "variant",
        "a second",
        "p50",
        "p95",
        "p99",
        "max",
        "decided p50 / p99",
        "event p50 / p99",
        "other answers",
      ],
      rows.map((row) => [
        describeLoad(row),
        variantTitles[row.variant],
        describeSpeed(row),
        ...[row.latencyMs.p50, row.latencyMs.p95, row.latencyMs.p99, row.latencyMs.max].map(milliseconds),
        pair(row.delays.toDecision),
        pair(row.delays.toEvent),
        describeErrors(row),
      ]),
    ),
    "## Processor and memory, by part",
    "Seconds on a processor a thousand operations, and megabytes at the end. *load* is the load generator.",
    table(
      ["load", "variant", ...PARTS],
      rows.map((row) => [
        describeLoad(row),
        variantTitles[row.variant],
        ...PARTS.map((part) => describeUsage(row, part)),
      ]),
    ),
    ...writeGrowth(results),
    ...writeSoak(results),
    "## Audit",
    isClean(results) ? "Nothing was lost and nothing was doubled." : "**Promises were broken.**",
    table(
      ["ledger", "operations", "entries", "answered 200, each found", "events", "events twice", "findings"],
      Object.entries(results.audits).map(([name, audit]) => [
        name,
        ...[audit.operations, audit.entries, audit.answered, audit.events, audit.eventsTwice].map(count),
        audit.findings.length === 0 ? "none" : audit.findings.slice(0, 5).join("; "),
      ]),
    ),
  ].join("\n\n")}\n`;
}

/** Of each slot the round with the median throughput. */
export function pickRows(measurements: Row[]): Row[] {
  const bySlot = Map.groupBy(measurements, ({ variant, scenario, connections, rate }) =>
    [scenario, rate ?? 0, connections, variant].join(),
  );
  return [...bySlot.values()].map((rounds) => {
    const middle = median(rounds.map(({ perSecond }) => perSecond)) ?? 0;
    return rounds.toSorted((a, b) => Math.abs(a.perSecond - middle) - Math.abs(b.perSecond - middle))[0]!;
  });
}

export function describeLoad({ scenario, connections, rate }: Pick<Row, "scenario" | "connections" | "rate">): string {
  return rate === undefined ? `${scenario}, ${connections}` : `${scenario}, open loop ${rate}/s`;
}

function writeGrowth({ growth }: Results): string[] {
  if (!growth) return [];
  return [
    "## As the ledger grows",
    table(
      ["entries", "transfers a second, 512 connections"],
      growth.map(({ entries, perSecond }) => [count(entries), perSecond.toFixed(0)]),
    ),
  ];
}

function writeSoak({ soak }: Results): string[] {
  if (!soak) return [];
  const growth = growthOfMemory(soak);
  return [
    "## Memory over time",
    `${soak.minutes} minutes of transfers over 128 connections, ${soak.perSecond.toFixed(0)} a second.`,
    table(
      ["part", "MB at the end", "last fifth ÷ second fifth"],
      Object.entries(soak.memoryBytes).map(([name, samples]) => [
        name,
        megabytes(samples.at(-1) ?? 0),
        (growth[name] ?? 1).toFixed(2),
      ]),
    ),
  ];
}

/** On a clock, with what was really sent: a generator that is held up itself must not flatter the service. */
function describeSpeed({ perSecond, rate, sent, seconds }: Row): string {
  const completed = perSecond.toFixed(perSecond < 100 ? 1 : 0);
  return rate === undefined ? completed : `${completed} of ${(sent / seconds).toFixed(0)} sent`;
}

function describeErrors({ answers, connectionErrors }: Row): string {
  const others = Object.entries(answers).filter(([status]) => status !== "200");
  const parts = others.map(([status, times]) => `${times} × ${status}`);
  if (connectionErrors > 0) parts.push(`${connectionErrors} broken`);
  return parts.join(", ") || "none";
}

function describeUsage({ usage, completed }: Row, part: string): string {
  const used = usage[part];
  if (!used) return "–";
  const seconds = completed === 0 ? used.cpuSeconds : (used.cpuSeconds / completed) * 1000;
  return `${seconds.toFixed(2)} s, ${megabytes(used.memoryBytes)} MB`;
}

function pair(delay: { p50: number; p99: number } | undefined): string {
  return delay ? `${milliseconds(delay.p50)} / ${milliseconds(delay.p99)}` : "–";
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}

function count(number: number): string {
  return number.toLocaleString("en");
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
