import { startSaldo } from "../../../src/app/saldo.ts";
import { loadConfig } from "../../../src/config.ts";
import { createLog } from "../../../src/observability/log.ts";
import { installTemporalRuntime } from "../../../src/temporal/runtime.ts";

/** Saldo's maximum of concurrent carriers, each with one operation. */
const LIMITS = { operationsMax: 1, carriersMax: 32, pulls: false };

/** Saldo with one workflow an operation: the baseline that shows the effect of group commit. */
const config = loadConfig(process.env);
const log = createLog(config);
const saldo = await startSaldo(config, log, await installTemporalRuntime(log), LIMITS);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    await saldo.stop();
    process.exit(0);
  });
}
await saldo.done;
