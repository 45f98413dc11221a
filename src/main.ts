import { startSaldo } from "./app/saldo.ts";
import { ConfigError, loadConfig } from "./config.ts";
import { createLog } from "./observability/log.ts";
import { captureOutput } from "./observability/processOutput.ts";
import { installTemporalRuntime } from "./temporal/runtime.ts";

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog(config);
  captureOutput(log);
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
  const log = createLog({ logLevel: "info", role: process.env.ROLE ?? "all" });
  // The message of a ConfigError has a line for each variable. It has no stack: the environment has to be changed.
  if (error instanceof ConfigError) log.fatal(error.message);
  else log.fatal({ err: error }, "Saldo cannot run");
  process.exit(1);
});
