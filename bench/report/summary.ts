import { describeLoad } from "../load/loads.ts";
import { growthOfMemory } from "../measure/soak.ts";
import { variantTitles } from "../variants/fleet.ts";
import { describeGoal, judge, median } from "./figures.ts";
import { count, megabytes, milliseconds, NONE, perSecond, ratio, table } from "./markdown.ts";
import { isClean, type Results, type Row } from "./results.ts";

/** The parts in the order in which a request passes them. */
const PARTS = ["load", "service", "temporal", "postgres", "redis", "kafka"] as const;

/** The content of summary.md. */
export function writeSummary(results: Results): string {
  const rows = pickRows(results.measurements);
  return `${[
    "# Benchmark",
    introduce(results),
    ...writeFigures(results),
    ...writeSpeeds(rows),
    ...writeInside(rows),
    ...writeUsage(rows),
    ...writeGrowth(results),
    ...writeSoak(results),
    ...writeAudits(results),
  ].join("\n\n")}\n`;
}

function introduce({ at, machine, pace, rounds }: Results): string {
  return `Made by \`./dev bench\` on ${at.slice(0, 10)}: ${machine.cores} × ${machine.processor}, ${machine.memoryGigabytes} GB, Bun ${machine.bun}. The load generator and all servers run on this one machine. Each row is measured for ${pace.seconds} s after ${pace.warmUpSeconds} s of warm-up, on a service that had load before. ${rounds > 1 ? `Each goal is measured in ${rounds} rounds, the variants in turn. The ratio is taken within a round, and the value is the median.` : "Each goal is measured in one round."}`;
}

function writeFigures({ figures }: Results): string[] {
  return [
    "## Figures",
    "Each ratio is Saldo's value ÷ the named value. A figure without a goal is only shown. *÷ plain* is the same ratio against the plain service without tuning.",
    table(
      ["load", "ratio", "goal", "value", "", "each round", "÷ plain"],
      figures.map((figure) => [
        figure.load,
        figure.title,
        describeGoal(figure),
        ratio(figure.value),
        { reached: "reached", missed: "**missed**", "not measured": "not measured", shown: "" }[judge(figure)],
        figure.values.length > 1 ? figure.values.map(ratio).join(", ") : "",
        figure.againstPlain === undefined ? "" : ratio(figure.againstPlain),
      ]),
    ),
    "![The figures that have a goal](goals.svg)",
    "![Operations a second](throughput.svg)",
  ];
}

function writeSpeeds(rows: Row[]): string[] {
  return [
    "## Throughput and latency",
    "Latency is from sending a request to its response. Closed loop: each connection waits for its response before it sends the next request, so a slow service gets fewer requests. Open loop: each connection sends one request a second, independently of responses. *decided* is the time from accepting a request to the ledger's decision, *event* to sending its last event.",
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
        "other responses",
      ],
      rows.map((row) => [
        ...nameRow(row),
        describeSpeed(row),
        ...[row.latencyMs.p50, row.latencyMs.p95, row.latencyMs.p99, row.latencyMs.max].map(milliseconds),
        pair(row.audited.toDecision),
        pair(row.audited.toEvent),
        describeErrors(row),
      ]),
    ),
  ];
}

function writeInside(rows: Row[]): string[] {
  return [
    "## Inside Saldo",
    "*workflows* are started carriers and sagas. *operations a batch* is per ledger transaction. *oldest queued* is the highest age of a queued operation, scraped once a second. *events ÷ entries* includes the warm-up.",
    table(
      ["load", "variant", "workflows a second", "operations a batch", "oldest queued", "events ÷ entries"],
      rows
        .filter(({ variant }) => variant === "saldo" || variant === "ungrouped")
        .map((row) => {
          const { workflowsPerSecond, operationsABatch, oldestQueuedSeconds } = row.inside ?? {};
          const { entries, events } = row.audited;
          return [
            ...nameRow(row),
            workflowsPerSecond === undefined ? NONE : perSecond(workflowsPerSecond),
            operationsABatch === undefined ? NONE : operationsABatch.toFixed(1),
            oldestQueuedSeconds === undefined ? NONE : milliseconds(oldestQueuedSeconds * 1000),
            entries && events !== undefined ? (events / entries).toFixed(3) : NONE,
          ];
        }),
    ),
  ];
}

function writeUsage(rows: Row[]): string[] {
  return [
    "## Processor and memory, by part",
    "CPU seconds per thousand operations, and megabytes of memory at the end. *load* is the load generator.",
    table(
      ["load", "variant", ...PARTS],
      rows.map((row) => [...nameRow(row), ...PARTS.map((part) => describeUsage(row, part))]),
    ),
  ];
}

function writeGrowth({ growth }: Results): string[] {
  if (!growth) return [];
  const rate = (values: number[]) => (median(values) ?? 0).toFixed(0);
  return [
    "## As the ledger grows",
    "Transfers a second, 512 connections. The ledger of the tuned service stays small, so its rate shows the drift of the machine's speed. The figures compare the last column.",
    table(
      ["entries before", "and after", "Saldo", "plain service, tuned", "Saldo ÷ tuned, each round"],
      growth.map(({ entries, entriesAfter, rounds }) => [
        count(entries),
        count(entriesAfter),
        rate(rounds.map(({ saldo }) => saldo)),
        rate(rounds.map(({ tuned }) => tuned)),
        rounds.map(({ saldo, tuned }) => ratio(saldo / tuned)).join(", "),
      ]),
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
        ratio(growth[name] ?? 1),
      ]),
    ),
  ];
}

function writeAudits(results: Results): string[] {
  return [
    "## Audit",
    isClean(results) ? "Nothing was lost and nothing was duplicated." : "**The audit has findings.**",
    table(
      ["ledger", "operations", "entries", "responses of 200, checked", "events", "duplicate events", "findings"],
      Object.entries(results.audits).map(([name, audit]) => [
        name,
        ...[audit.operations, audit.entries, audit.answered, audit.events, audit.eventsTwice].map(count),
        audit.findings.length === 0 ? "none" : audit.findings.slice(0, 5).join("; "),
      ]),
    ),
  ];
}

/** For each slot, the round with the median throughput. */
export function pickRows(measurements: Row[]): Row[] {
  const bySlot = Map.groupBy(measurements, (row) => nameRow(row).join());
  return [...bySlot.values()].map((rounds) => {
    const middle = median(rounds.map(({ perSecond }) => perSecond)) ?? 0;
    return rounds.toSorted((a, b) => Math.abs(a.perSecond - middle) - Math.abs(b.perSecond - middle))[0]!;
  });
}

function nameRow(row: Row): [load: string, variant: string] {
  return [describeLoad(row), variantTitles[row.variant]];
}

/** Includes an open loop's sent rate: a slow generator must not flatter the service. */
function describeSpeed({ perSecond: completed, rate, sent, seconds }: Row): string {
  return rate === undefined ? perSecond(completed) : `${perSecond(completed)} of ${(sent / seconds).toFixed(0)} sent`;
}

function describeErrors({ answers, connectionErrors }: Row): string {
  const others = Object.entries(answers).filter(([status]) => status !== "200");
  const parts = others.map(([status, times]) => `${times} × ${status}`);
  if (connectionErrors > 0) parts.push(`${connectionErrors} broken`);
  return parts.join(", ") || "none";
}

function describeUsage({ usage, completed }: Row, part: string): string {
  const used = usage[part];
  if (!used) return NONE;
  const seconds = completed === 0 ? used.cpuSeconds : (used.cpuSeconds / completed) * 1000;
  return `${seconds.toFixed(2)} s, ${megabytes(used.memoryBytes)} MB`;
}

function pair(delay: { p50: number; p99: number } | undefined): string {
  return delay ? `${milliseconds(delay.p50)} / ${milliseconds(delay.p99)}` : NONE;
}
