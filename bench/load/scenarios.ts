/** The kinds of requests that a load consists of. */
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

/** Number of users that transfers go between. */
export const USERS = 10_000;
/** The receiver of all transfers of `hot-receiver`. */
export const MERCHANT = "merchant";

export function userId(index: number): string {
  return `user-${index}`;
}

/** The message that starts a load in the load generator's process. */
export type LoadJob = {
  scenario: ScenarioName;
  url: string;
  token: string;
  connections: number;
  /** Requests a second, sent independently of responses; undefined in a closed loop. */
  rate: number | undefined;
  warmUpSeconds: number;
  seconds: number;
  /**
   * File for the keys of all operations whose response was 200, one a line.
   * Includes those outside the measured seconds, since the audit checks each.
   */
  keysFile: string;
};

/** Milliseconds from sending a request to its response, for responses in the measured seconds. */
export type Latency = { p50: number; p95: number; p99: number; max: number };

/** The load generator's figures of the measured seconds. */
export type LoadResult = {
  /** Responses of 200; for a batch, its completed operations. */
  completed: number;
  sent: number;
  latencyMs: Latency;
  /** Number of responses by status. */
  answers: Record<string, number>;
  /** Connections that broke or timed out. */
  connectionErrors: number;
};

/** Messages of its process: begin and end of the measured seconds, then the result. */
export type LoadReport = { phase: "begin" } | { phase: "end" } | { phase: "done"; result: LoadResult };
