/** What is asked of a service. */
export const scenarioNames = [
  "transfers",
  "hot-receiver",
  "reserve-recognize",
  "deposits",
  "balance-reads",
  "batches-of-100",
  "batches-of-1000",
  "empty-workflow",
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** The users among whom money moves, and the one whom everyone pays. */
export const USERS = 10_000;
export const MERCHANT = "merchant";

export function userId(index: number): string {
  return `user-${index}`;
}

/** What a load generator's process is told to do. */
export type Order = {
  scenario: ScenarioName;
  url: string;
  token: string;
  connections: number;
  /** Requests a second, sent on a clock whatever the answers do; undefined where each connection waits for its answer. */
  rate: number | undefined;
  warmUpSeconds: number;
  seconds: number;
  /** Where to write the keys of all that was answered 200, one a line, also outside the measured seconds: the audit looks for each. */
  keysFile: string;
};

/** Of answers that came within the measured seconds, in milliseconds from the moment a request was sent. */
export type Latency = { p50: number; p95: number; p99: number; max: number };

/** What the load generator saw in the measured seconds. */
export type Observed = {
  /** Answers of 200; of a batch, its completed operations. */
  completed: number;
  sent: number;
  latencyMs: Latency;
  /** How often each status was answered. */
  answers: Record<string, number>;
  /** Connections that broke or timed out. */
  connectionErrors: number;
};

/** What its process says: that the measured seconds begin, that they end, and what it saw. */
export type Report = { phase: "begin" } | { phase: "end" } | { phase: "done"; observed: Observed };
