import type { Config } from "../config.ts";
import { createCarriers } from "../dispatch/carriers.ts";
import { createDispatcher, type DispatcherLimits } from "../dispatch/dispatcher.ts";
import { createOutcomes } from "../dispatch/outcomes.ts";
import { createStoredOperations } from "../dispatch/storedOperations.ts";
import type { Clients } from "./clients.ts";

/**
 * Intervals at which the ledger is queried for outcomes. A process without a worker has no other source. One with a
 * worker gets them from its own postings, and the query finds those that other processes posted.
 */
const POLL_EVERY_MS = { api: 20, all: 100 };

export type Dispatch = ReturnType<typeof createDispatch>;

/** Creates the queue of operations, the starts of carriers, and the outcomes. A worker of this process pulls. */
export function createDispatch(config: Config, clients: Clients, limits?: DispatcherLimits) {
  const { reading, caching, temporal, tracing } = clients;
  const hasWorker = config.role === "all";
  const carriers = createCarriers({
    client: () => temporal.current()?.client,
    temporalAddress: config.temporal.address,
    currency: config.currency,
    eager: hasWorker,
  });
  const storedOperations = createStoredOperations(reading.findOperations);
  const outcomes = createOutcomes({
    findOperations: reading.findOperations,
    refreshTouched: caching.refreshTouched,
    noteFinished: storedOperations.noteFinished,
    pollEveryMs: hasWorker ? POLL_EVERY_MS.all : POLL_EVERY_MS.api,
  });
  const dispatcher = createDispatcher({
    start: tracing?.start(carriers.start) ?? carriers.start,
    isRunning: carriers.isRunning,
    awaitOutcome: outcomes.awaitOutcome,
    pulls: hasWorker,
    ...limits,
  });
  return {
    carriers,
    outcomes,
    dispatcher: { ...dispatcher, ...tracing?.dispatcher(dispatcher) },
    findStored: storedOperations.find,
  };
}
