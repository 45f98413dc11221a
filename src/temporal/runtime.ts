import { createServer } from "node:net";
import { DefaultLogger, makeTelemetryFilterString, Runtime } from "@temporalio/worker";
import type { Logger } from "pino";

/** Between finding a port that is free and taking it another process may have been quicker. */
const PORT_ATTEMPTS_MAX = 5;

/**
 * Temporal's own notices go through our log; its core speaks up only where something is wrong with itself. Its metrics it serves by
 * itself or not at all: it does so on a free port of this machine alone, and the function returned reads them there.
 */
export async function installTemporalRuntime(log: Logger): Promise<() => Promise<string>> {
  for (let attempt = 1; ; attempt += 1) {
    const address = `127.0.0.1:${await findFreePort()}`;
    try {
      Runtime.install({
        logger: new DefaultLogger("WARN", ({ level, message, meta: { error, ...meta } = {} }) => {
          log[level === "ERROR" ? "error" : "warn"]({ err: error, temporal: meta }, message);
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
    return async () => await (await fetch(`http://${address}/metrics`)).text();
  }
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
