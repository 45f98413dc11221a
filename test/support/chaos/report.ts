import type { ClientsRecord } from "./record.ts";
import type { Incident } from "./schedule.ts";

/** The data of a report on one run. */
export type RunReport = {
  seed: number;
  startedAt: Date;
  loadMs: number;
  incidents: readonly Incident[];
  findings: readonly string[];
  record: ClientsRecord;
};

/** Figures of all faults of one kind: times in seconds, rates in operations per second. */
export type Summary = {
  fault: string;
  count: number;
  secondsMax: number;
  before: number;
  during: number;
  firstAnswer: { median: number; max: number };
  halfRate: { median: number; max: number };
};

/** The time since the start of the run, in seconds. */
export function clock(ms: number): string {
  return `[${`${Math.round(ms / 1_000)}`.padStart(4)} s]`;
}

/**
 * Lines of the timeline for one fault.
 *
 * They hold its time, kind and duration, the throughput around it, the recovery, and the errors of clients.
 */
export function describeStep(incident: Incident): string[] {
  const { beganMs, backMs, notes, rateBefore, rateDuring, recovery, errors } = incident;
  const rates = `${Math.round(rateBefore)} operations/s before, ${Math.round(rateDuring)} during`;
  return [
    `${clock(beganMs)} ${incident.fault}, away for ${inSeconds(backMs - beganMs)}${notes.map((note) => ` (${note})`).join("")}`,
    `         ${rates}; back, first answer after ${inSeconds(recovery.firstAnswerMs)}, half the rate after ${inSeconds(recovery.halfRateMs)}`,
    ...(errors.size > 0 ? [`         ${describeCounts(errors)}`] : []),
  ];
}

export function describeEnd(run: RunReport): string[] {
  const { record, incidents, findings, loadMs, seed } = run;
  const { requests, attempts, operations } = record.totals();
  return [
    "",
    ...toTable(summarize(incidents)),
    "",
    `seed ${seed}: ${incidents.length} faults in ${inSeconds(loadMs)} of load`,
    `${operations} operations in ${requests} requests, ${attempts - requests} of them repeated, ${record.reads.userIds.length} balances read`,
    `completed: ${describeCounts(record.kinds)}`,
    `in place of a final answer: ${describeCounts(record.errors())}`,
    ...(findings.length === 0 ? ["every promise was kept"] : findings.map((finding) => `BROKEN: ${finding}`)),
  ];
}

/** One row for each kind of fault, in alphabetical order. */
export function summarize(incidents: readonly Incident[]): Summary[] {
  const names = [...new Set(incidents.map(({ fault }) => fault))].toSorted((a, b) => (a < b ? -1 : 1));
  return names.map((fault) => {
    const ofKind = incidents.filter((incident) => incident.fault === fault);
    return {
      fault,
      count: ofKind.length,
      secondsMax: Math.max(...ofKind.map(({ beganMs, backMs }) => (backMs - beganMs) / 1_000)),
      before: median(ofKind.map(({ rateBefore }) => rateBefore)),
      during: median(ofKind.map(({ rateDuring }) => rateDuring)),
      firstAnswer: spread(ofKind.map(({ recovery }) => recovery.firstAnswerMs)),
      halfRate: spread(ofKind.map(({ recovery }) => recovery.halfRateMs)),
    };
  });
}

/** The summary as a Markdown table with aligned columns. */
export function toTable(summaries: readonly Summary[]): string[] {
  const head = ["fault", "times", "longest", "op/s before", "during", "first answer", "half the rate"];
  const rows = summaries.map(({ fault, count, secondsMax, before, during, firstAnswer, halfRate }) => [
    fault,
    `${count}`,
    `${secondsMax.toFixed(1)} s`,
    before.toFixed(0),
    during.toFixed(0),
    `${firstAnswer.median.toFixed(1)} s (${firstAnswer.max.toFixed(1)} s)`,
    `${halfRate.median.toFixed(1)} s (${halfRate.max.toFixed(1)} s)`,
  ]);
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]!.length)));
  const toLine = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [toLine(head), toLine(widths.map((width) => "-".repeat(width))), ...rows.map(toLine)];
}

export function describeCounts(counts: ReadonlyMap<string, number>): string {
  return listCounts(counts).join(", ");
}

/** The counts, largest first. */
export function listCounts(counts: ReadonlyMap<string, number>): string[] {
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  return sorted.length > 0 ? sorted.map(([word, count]) => `${count} × ${word}`) : ["nothing"];
}

/** Median and maximum in seconds. A missing time counts as infinite. */
function spread(timesMs: readonly (number | undefined)[]): { median: number; max: number } {
  const seconds = timesMs.map((ms) => (ms ?? Number.POSITIVE_INFINITY) / 1_000);
  return { median: median(seconds), max: Math.max(...seconds) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function inSeconds(ms: number | undefined): string {
  return ms === undefined ? "never" : `${(ms / 1_000).toFixed(1)} s`;
}
