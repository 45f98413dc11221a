import type { ScenarioName } from "./scenarios.ts";

/** Kind and intensity of the requests to a service. */
export type Load = {
  scenario: ScenarioName;
  /** In an open loop the same number as the rate. */
  connections: number;
  /** Requests a second of an open loop. Absent in a closed loop: each connection waits for its response. */
  rate?: number;
  /** Distinguishes equal loads under other conditions, such as the size of the ledger. */
  note?: string;
};

/** Few connections, since each batch contains many operations. */
export const BATCH_CONNECTIONS = { "batches-of-100": 32, "batches-of-1000": 4 } as const;
export const READ_CONNECTIONS = 128;

export function closedLoop(scenario: ScenarioName, connections: number): Load {
  return { scenario, connections };
}

export function openLoop(rate: number): Load {
  return { scenario: "transfers", connections: rate, rate };
}

export function batches(scenario: keyof typeof BATCH_CONNECTIONS): Load {
  return closedLoop(scenario, BATCH_CONNECTIONS[scenario]);
}

/** The name of the load in reports. Equal loads, and only those, have equal names. */
export function describeLoad({ scenario, connections, rate, note }: Load): string {
  const name = rate === undefined ? `${scenario}, ${connections}` : `${scenario}, open loop ${rate}/s`;
  return note === undefined ? name : `${name}, ${note}`;
}
