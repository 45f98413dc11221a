import { startSaldo } from "./app/saldo.ts";
import { ConfigError, loadConfig } from "./config.ts";
import { createLog } from "./observability/log.ts";
import { installTemporalRuntime } from "./temporal/runtime.ts";

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog(config);
  const readTemporalMetrics = await installTemporalRuntime(log);
  const saldo = await startSaldo(config, log, readTemporalMetrics);

  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    // A second signal exits at once.
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, "Stopping");
    void saldo.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, "The shutdown failed");
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
  await saldo.done;
}

main().catch((error: unknown) => {
  const message = error instanceof ConfigError ? error.message : `Saldo cannot run: ${String(error)}`;
  process.stderr.write(`${message}\n`);
  process.exit(1);
});
