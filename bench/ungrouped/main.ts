import { loadConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { type Saldo, startSaldo } from "../../src/saldo.ts";
import { installTemporalRuntime } from "../../src/temporalRuntime.ts";

/** As many carriers side by side as Saldo has at most, each with one operation. */
const LIMITS = { operationsMax: 1, carriersMax: 32, pulls: false };

type Start = (...parameters: [...Parameters<typeof startSaldo>, typeof LIMITS]) => Promise<Saldo>;
const start: Start = startSaldo;

/** Saldo with one workflow an operation: the baseline that shows the effect of group commit. */
const config = { ...loadConfig(process.env), groupCommit: false };
const log = createLog(config);
const saldo = await start(config, log, await installTemporalRuntime(log), LIMITS);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    await saldo.stop();
    process.exit(0);
  });
}
await saldo.done;
