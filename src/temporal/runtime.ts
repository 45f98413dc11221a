import { createServer } from "node:net";
import { DefaultLogger, makeTelemetryFilterString, Runtime } from "@temporalio/worker";
import type { Logger } from "pino";
import { levelOf } from "../lib/harmlessMessages.ts";

/** Another process may take a free port between its discovery and its use. */
const PORT_ATTEMPTS_MAX = 5;

/**
 * Installs Temporal's runtime: it logs through Saldo's log, its core only errors.
 * The SDK exports its metrics only through a server of its own, here on a free port of 127.0.0.1.
 * @returns a function that reads the metrics from that port
 */
export async function installTemporalRuntime(log: Logger): Promise<() => Promise<string>> {
  for (let attempt = 1; ; attempt += 1) {
    const address = `127.0.0.1:${await findFreePort()}`;
    try {
      Runtime.install({
        logger: new DefaultLogger("WARN", ({ level, message, meta: { error, ...meta } = {} }) => {
          log[levelOf(level === "ERROR" ? "error" : "warn", message)](
            { ...(error !== undefined && { err: error }), temporal: meta },
            message,
          );
        }),
        telemetryOptions: {
          logging: { forward: {}, filter: makeTelemetryFilterString({ core: "ERROR", other: "ERROR" }) },
          metrics: {
            attachServiceName: false,
            prometheus: {
              bindAddress: address,
              countersTotalSuffix: true,
              unitSuffix: true,
              useSecondsForDurations: true,
            },
          },
        },
        shutdownSignals: [],
      });
    } catch (error) {
      if (attempt === PORT_ATTEMPTS_MAX) throw error;
      continue;
    }
    return async () => toSingleTotal(await (await fetch(`http://${address}/metrics`)).text());
  }
}

/** The SDK adds `_total` also to its counters that end in it already. */
function toSingleTotal(metrics: string): string {
  return metrics.replaceAll(/^((?:# (?:HELP|TYPE) )?\w+?)_total_total\b/gm, "$1_total");
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
