import { pino } from "pino";
import { ConfigError, loadConfig } from "./config.ts";
import { startSaldo } from "./saldo.ts";
import { installTemporalRuntime } from "./temporalRuntime.ts";

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = pino({ level: config.logLevel, base: { role: config.role } });
  const readTemporalMetrics = await installTemporalRuntime(log);
  const saldo = await startSaldo(config, log, readTemporalMetrics);

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      log.info({ signal }, "Stopping");
      void saldo.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.fatal({ err: error }, "The stop failed");
          process.exit(1);
        },
      );
    });
  }
  await saldo.done;
}

main().catch((error: unknown) => {
  const message = error instanceof ConfigError ? error.message : `Saldo cannot run: ${String(error)}`;
  process.stderr.write(`${message}\n`);
  process.exit(1);
});
