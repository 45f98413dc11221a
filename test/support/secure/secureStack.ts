import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NativeConnection } from "@temporalio/worker";
import { migrateDatabase, serviceUrl } from "../../../scripts/stack/databases.ts";
import { stack } from "../api/client.ts";
import { furtherSite, startFurther } from "../stack/furtherServer.ts";
import { createNamespace } from "../workflows/workbench.ts";
import { makeCertificates } from "./certificates.ts";
import { PASSWORDS, secureKafka, securePostgres, secureRedis, USER } from "./servers.ts";
import { startTemporalFront } from "./temporalFront.ts";

export type SecureStack = Awaited<ReturnType<typeof startSecureStack>>;

const API_KEY = "temporal-secret";

/** Starts the secured parts, next to the stack's Temporal behind a front. They end with the block. */
export async function startSecureStack() {
  const site = furtherSite("secure", 200);
  const ports = { redis: site.ports.redis + 1, kafka: site.ports.kafka + 2, temporal: site.ports.temporal };
  const certificates = await makeCertificates(join(site.directory, "certificates"));
  const parts = {
    postgres: await securePostgres(site, certificates),
    redis: secureRedis(site, ports.redis, certificates),
    kafka: secureKafka(site, ports.kafka, certificates),
  };
  await using cleanup = new AsyncDisposableStack();
  const starts = await Promise.allSettled(Object.values(parts).map((part) => startFurther(site, part)));
  for (const start of starts) if (start.status === "fulfilled") cleanup.use(start.value);
  for (const start of starts) if (start.status === "rejected") throw start.reason;
  await migrateDatabase(site, "saldo");
  const direct = await NativeConnection.connect({ address: stack.environment.TEMPORAL_ADDRESS! });
  const namespace = await createNamespace(direct);
  await direct.close();
  const front = await startTemporalFront(
    stack.environment.TEMPORAL_ADDRESS!,
    certificates.server,
    certificates,
    ports.temporal,
    API_KEY,
  );
  cleanup.use(front);
  const started = cleanup.move();

  /** Secrets of the files, as one process reads them. */
  const secrets = {
    DATABASE_URL: `${serviceUrl(site, "saldo").replace("127.0.0.1", "localhost")}?sslmode=verify-full`,
    REDIS_URL: `rediss://${USER}:${PASSWORDS.redis}@localhost:${ports.redis}`,
    KAFKA_SASL_PASSWORD: PASSWORDS.scram512,
    TEMPORAL_API_KEY: API_KEY,
  };
  return {
    site,
    certificates,
    front,
    secrets,
    ports,
    /** The variables of a process. Each secret is in a file, which `write` changes. */
    environment(name: string) {
      const fileOf = (secret: string) => join(site.directory, `${name}-${secret}`);
      const write = (changes: Record<string, string>) => {
        for (const [secret, value] of Object.entries(changes)) writeFileSync(fileOf(secret), `${value}\n`);
      };
      const { ca, client } = certificates;
      write(secrets);
      write({ TEMPORAL_CERT: readFileSync(client.cert, "utf8"), TEMPORAL_KEY: readFileSync(client.key, "utf8") });
      const ofParts = ["DATABASE", "REDIS", "KAFKA", "TEMPORAL"].flatMap((part) => [
        [`${part}_CA_FILE`, ca],
        [`${part}_CERT_FILE`, client.cert],
        [`${part}_KEY_FILE`, client.key],
      ]);
      const variables: Record<string, string> = {
        ...stack.environment,
        ...Object.fromEntries(Object.keys(secrets).map((secret) => [`${secret}_FILE`, fileOf(secret)])),
        ...Object.fromEntries(ofParts),
        TEMPORAL_CERT_FILE: fileOf("TEMPORAL_CERT"),
        TEMPORAL_KEY_FILE: fileOf("TEMPORAL_KEY"),
        DATABASE_URL: "",
        REDIS_URL: "",
        KAFKA_BROKERS: `localhost:${ports.kafka}`,
        KAFKA_TLS: "true",
        KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
        KAFKA_SASL_USERNAME: USER,
        TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
        TEMPORAL_NAMESPACE: namespace,
        TEMPORAL_TLS: "true",
        TEMPORAL_SERVER_NAME: "temporal.saldo.test",
        PORT: `${site.ports.api}`,
      };
      return { variables, write };
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
