import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { createHealthServer } from "../api/health/index.ts";
import { bunErrorHandler } from "../api/http/bunErrorHandler.ts";
import { closeServer } from "../api/http/gracefulShutdown.ts";
import type { Config } from "../config.ts";
import type { DispatcherLimits } from "../dispatch/dispatcher.ts";
import { withTimeout } from "../lib/timeout.ts";
import { startResponsesAtZero } from "../observability/metrics/measured.ts";
import { createApi } from "./api.ts";
import { openClients, type ReadMetrics } from "./clients.ts";
import { createDispatch } from "./dispatch.ts";
import { startWorker } from "./worker.ts";

/** Timeout of a start for the connection to Temporal. The API then starts without it, since reads do not need it. */
const TEMPORAL_TIMEOUT_MS = 5_000;

/** Timeout of a graceful stop, below that of an orchestrator. Unfinished workflows continue in another process. */
const STOP_TIMEOUT_MS = 15_000;

/**
 * Starts the API, the worker or both, by the role.
 *
 * `readTemporal` reads the metrics of Temporal's SDK. `limits` are for the benchmark.
 */
export async function startSaldo(config: Config, log: Logger, readTemporal: ReadMetrics, limits?: DispatcherLimits) {
  const clients = await openClients(config, log);
  const dispatch = config.role === "worker" ? undefined : createDispatch(config, clients, limits);
  const worker = config.role === "api" ? undefined : startWorker(config, log, clients, dispatch);
  await Promise.race([worker?.started ?? clients.temporal.connected, sleep(TEMPORAL_TIMEOUT_MS)]);

  const stopping = new AbortController();
  const ending = new AbortController();
  const scrape = clients.createScrape({ readTemporal, dispatchLoad: dispatch?.dispatcher.load });
  const probes = { healthChecks: clients.healthChecks, scrape, stopping: stopping.signal };
  const server = dispatch
    ? await createApi(config, log, clients, dispatch, probes, ending.signal)
    : createHealthServer(probes);
  startResponsesAtZero(clients.instruments, server.routes);
  server.listen({ ...bunErrorHandler(log), hostname: config.host, port: config.port });
  log.info({ port: config.port }, "Saldo is up");

  async function close() {
    await closeServer(server.server!, () => {
      dispatch?.outcomes.cancelAll();
      ending.abort();
    });
    dispatch?.dispatcher.stop();
    await worker?.stop();
    await clients.close();
  }

  return {
    /** Resolves once the workers have shut down. Rejects where a worker stopped with an error. */
    done: worker?.done() ?? new Promise<void>(() => {}),

    /**
     * Stops in three steps: fails the readiness check, completes accepted requests, closes the clients.
     *
     * Between the first two it waits, so that a load balancer sends no new requests.
     */
    async stop() {
      stopping.abort();
      await sleep(config.stopDelaySeconds * 1_000);
      await withTimeout("The stop", STOP_TIMEOUT_MS, close());
    },
  };
}
