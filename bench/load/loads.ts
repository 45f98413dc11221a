import type { ScenarioName } from "./scenarios.ts";

/** Kind and intensity of the requests that a service gets. */
export type Load = {
  scenario: ScenarioName;
  /** In an open loop as many as the rate. */
  connections: number;
  /** Requests a second of an open loop; absent in a closed loop, where each connection waits for its answer. */
  rate?: number;
  /** Tells apart measurements of one load under other conditions, such as the size of the ledger. */
  note?: string;
};

/** Each batch brings many operations, so few connections are enough. */
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
