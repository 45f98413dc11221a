import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { pino } from "pino";
import { withOwner } from "../../scripts/stack/databases.ts";
import { openClients } from "../../src/app/clients.ts";
import { loadConfig } from "../../src/config.ts";
import { createPublisher } from "../../src/kafka/publisher.ts";
import { createEventReader } from "../../src/kafka/reader.ts";
import { succeeds, withTimeout } from "../../src/lib/timeout.ts";
import { rawPost } from "../support/api/rawPost.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { startProcess } from "../support/secure/saldoProcess.ts";
import { type SecureStack, startSecureStack } from "../support/secure/secureStack.ts";
import { PASSWORDS } from "../support/secure/servers.ts";
import { WRONG_SETTINGS } from "../support/secure/wrongSettings.ts";
import { eventually } from "../support/waiting.ts";

/** Connections, TLS handshakes and logins of a busy machine. */
const WITHIN_MS = 60_000;
const ALL_UP = { postgres: "up", redis: "up", temporal: "up", kafka: "up" };
const ALL_DOWN = { postgres: "down", redis: "down", temporal: "down", kafka: "down" };

type Saldo = Awaited<ReturnType<typeof startProcess>>;

const cleanup = new AsyncDisposableStack();
let secure: SecureStack;
let settings: ReturnType<SecureStack["environment"]>;
let saldo: Saldo;

beforeAll(async () => {
  secure = cleanup.use(await startSecureStack());
  settings = secure.environment("all");
  saldo = cleanup.use(await startProcess(settings.variables));
});

afterAll(() => cleanup.disposeAsync());

const partsAre = ({ parts }: Saldo, states: Record<string, string>) =>
  eventually(async () => Bun.deepEquals(await parts(), states), WITHIN_MS);

/** Deposits, and waits for the event in the secured Kafka. */
async function depositAndAwaitEvent({ origin }: Saldo, variables: Record<string, string>): Promise<void> {
  const userId = uniqueUserId("secure");
  const key = crypto.randomUUID();
  const { body } = await eventually(async () => {
    const answer = await rawPost(`${origin}/v1/deposits`, JSON.stringify({ userId, amount: "1.00" }), key);
    return answer.status === 200 && answer;
  }, WITHIN_MS);
  expect(body).toMatchObject({ status: "completed", balance: { available: "1.00" } });
  await eventually(async () => (await readKeys(variables)).includes(userId), WITHIN_MS);
}

/** The keys of all events in the secured Kafka, read with these variables. */
async function readKeys(variables: Record<string, string>): Promise<string[]> {
  const reader = createEventReader(loadConfig(variables).kafka);
  const { low, high } = await reader.readEnds();
  const keys: string[] = [];
  await reader.read(low, high, async ({ messages }) => void keys.push(...messages.map(({ key }) => key)));
  return keys;
}

test("a deposit completes over four secured connections, and its event is in the secured Kafka", async () => {
  await partsAre(saldo, ALL_UP);
  await depositAndAwaitEvent(saldo, settings.variables);
  const plain = await withOwner(secure.site, "saldo", (owner) =>
    owner.query(
      "select from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'saldo_service' and not ssl",
    ),
  );
  expect(plain.rowCount).toBe(0);
  expect(secure.front.clients).toContain("client");
  expect(saldo.log().filter((line) => line.includes('"level":50'))).toEqual([]);
});

test.each([
  ["PLAIN", PASSWORDS.plain],
  ["SCRAM-SHA-256", PASSWORDS.scram256],
  ["SCRAM-SHA-512", PASSWORDS.scram512],
])("events are published and read over TLS with a login by %s", async (mechanism, password) => {
  const { variables, write } = secure.environment("mechanism");
  write({ KAFKA_SASL_PASSWORD: password });
  const environment = { ...variables, KAFKA_SASL_MECHANISM: mechanism };
  const publisher = createPublisher(loadConfig(environment).kafka);
  await using _ = { [Symbol.asyncDispose]: publisher.close };
  const key = uniqueUserId("mechanism");
  await publisher.publish([{ key, value: "{}" }]);
  expect(await readKeys(environment)).toContain(key);
});

describe("a connection that cannot succeed is one line that names the variable, without the secret", () => {
  test.each(WRONG_SETTINGS)("%s", async (_name, change, expected) => {
    const { variables } = secure.environment("wrong");
    const lines: { level: number; msg: string }[] = [];
    const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const clients = await openClients(loadConfig({ ...variables, ...change(secure) }), log);
    await using _ = { [Symbol.asyncDispose]: clients.close };
    const faults = () => lines.filter(({ level }) => level >= 50).map(({ msg }) => msg);
    const check = () =>
      Promise.all(
        Object.entries(clients.healthChecks).map(([part, isUp]) => succeeds(withTimeout<unknown>(part, 500, isUp()))),
      );
    await eventually(async () => {
      await check();
      return faults().length > 0;
    }, WITHIN_MS);
    // Redis and Temporal retry by themselves meanwhile.
    await check();
    await check();
    expect(faults()).toEqual([expect.stringMatching(expected)]);
    for (const secret of ["wrong-secret", ...Object.values(secure.secrets)]) {
      expect(JSON.stringify(lines)).not.toContain(secret);
    }
  });
});

test("a process with wrong secrets serves, and works as soon as their files are corrected", async () => {
  const { variables, write } = secure.environment("corrected");
  write({
    DATABASE_URL: secure.secrets.DATABASE_URL.replace(":saldo@", ":wrong-secret@"),
    REDIS_URL: secure.secrets.REDIS_URL.replace(PASSWORDS.redis, "wrong-secret"),
    KAFKA_SASL_PASSWORD: "wrong-secret",
    TEMPORAL_API_KEY: "wrong-secret",
  });
  await using corrected = await startProcess({ ...variables, PORT: `${secure.site.ports.api + 1}` });
  await partsAre(corrected, ALL_DOWN);
  expect((await fetch(`${corrected.origin}/healthz`)).status).toBe(200);
  write(secure.secrets);
  await partsAre(corrected, ALL_UP);
  await depositAndAwaitEvent(corrected, variables);

  const log = corrected.log().join("\n");
  for (const variable of ["DATABASE_URL", "REDIS_URL", "KAFKA_SASL_PASSWORD", "TEMPORAL_API_KEY"]) {
    expect(log.split(`"msg":"${variable}: `)).toHaveLength(2);
  }
  for (const secret of ["wrong-secret", ...Object.values(secure.secrets)]) expect(log).not.toContain(secret);
});

test("rotated passwords, API keys and certificates are used without a restart", async () => {
  const { variables, write } = settings;
  await rotatePasswords("rotated");
  await using _ = { [Symbol.asyncDispose]: () => rotatePasswords("saldo", PASSWORDS.redis) };
  write({
    DATABASE_URL: secure.secrets.DATABASE_URL.replace(":saldo@", ":rotated@"),
    REDIS_URL: secure.secrets.REDIS_URL.replace(PASSWORDS.redis, "rotated"),
  });
  await partsAre(saldo, ALL_UP);

  const { apiKeys, latestKey } = secure.front;
  apiKeys.add("rotated-key");
  write({ TEMPORAL_API_KEY: "rotated-key" });
  await eventually(async () => latestKey() === "rotated-key", WITHIN_MS);
  apiKeys.delete(secure.secrets.TEMPORAL_API_KEY);
  await using _key = { [Symbol.asyncDispose]: async () => void apiKeys.add(secure.secrets.TEMPORAL_API_KEY) };

  const logged = saldo.log().length;
  const { cert, key } = secure.certificates.renewed;
  write({ TEMPORAL_CERT: readFileSync(cert, "utf8"), TEMPORAL_KEY: readFileSync(key, "utf8") });
  await eventually(async () => secure.front.clients.at(-1) === "renewed", WITHIN_MS);
  // Client and workers use the renewed connection only.
  secure.front.refuse("client");
  await partsAre(saldo, ALL_UP);
  await depositAndAwaitEvent(saldo, variables);
  const warnings = saldo
    .log()
    .slice(logged)
    .filter((line) => /"level":[45]0.*Temporal/.test(line));
  expect(warnings).toEqual([]);
});

/** Changes the passwords of PostgreSQL and Redis, and cuts the service's connections. */
async function rotatePasswords(ofPostgres: string, ofRedis = ofPostgres): Promise<void> {
  await withOwner(secure.site, "postgres", async (owner) => {
    await owner.query(`alter role saldo_service password '${ofPostgres}'`);
    await owner.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'saldo_service'");
  });
  const redis = new Redis(secure.site.ports.redis);
  await redis.call("ACL", "SETUSER", "saldo", "resetpass", `>${ofRedis}`);
  await redis.call("CLIENT", "KILL", "USER", "saldo");
  redis.disconnect();
}
