import { Elysia } from "elysia";
import { Redis } from "ioredis";
import { pino } from "pino";
import { createAuthentication } from "../../../src/api/auth/authentication.ts";
import { Problem, toProblemResponse } from "../../../src/api/http/problems.ts";
import { loadConfig } from "../../../src/config.ts";
import { formatAmount } from "../../../src/ledger/money.ts";

/**
 * The fastest possible balance read: the token check, one Redis command and the response.
 * It reads the balances that Saldo has cached.
 */
const config = loadConfig(process.env);
const log = pino({ level: config.logLevel });
const redis = new Redis(config.redis.url.value);
const requireScope = await createAuthentication(config, log);

const server = new Elysia()
  .onError(({ error, request }) =>
    toProblemResponse(error instanceof Problem ? error : new Problem("internal"), new URL(request.url).pathname),
  )
  .get("/readyz", async () => void (await redis.ping()))
  .use(
    new Elysia().use(requireScope("balance:read")).get("/v1/users/:userId/balance", async ({ params: { userId } }) => {
      const cached = await redis.hgetall(`saldo:balance:${userId}`);
      if (cached.version === undefined) throw new Problem("account_unknown");
      return {
        userId,
        available: formatAmount(BigInt(cached.availableMinor!)),
        reserved: formatAmount(BigInt(cached.reservedMinor!)),
        version: Number(cached.version),
        asOf: new Date(Number(cached.asOf)).toISOString(),
        source: "cache",
      };
    }),
  );
server.listen({ hostname: config.host, port: config.port });

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    await server.stop();
    redis.disconnect();
    process.exit(0);
  });
}
