import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownerName, prepareCluster } from "../../../scripts/stack/databases.ts";
import { createKafka } from "../../../scripts/stack/kafka.ts";
import type { Part } from "../../../scripts/stack/part.ts";
import { createPostgres } from "../../../scripts/stack/postgres.ts";
import { findPostgresHome } from "../../../scripts/stack/postgresHome.ts";
import { createRedis } from "../../../scripts/stack/redis.ts";
import type { Site } from "../../../scripts/stack/site.ts";
import type { Certificates } from "./certificates.ts";

export const USER = "saldo";
export const PASSWORDS = {
  redis: "redis-secret",
  plain: "plain-secret",
  scram256: "scram-256-secret",
  scram512: "scram-512-secret",
};

/** PostgreSQL that lets the service in with TLS, its password and a client certificate only. */
export async function securePostgres(site: Site, { server, ca }: Certificates): Promise<Part> {
  const { directory, own } = await findPostgresHome(site, "postgres");
  const folder = `${directory}-tls`;
  mkdirSync(folder, { recursive: true });
  const files = {
    cert: join(folder, "server.pem"),
    key: join(folder, "key.pem"),
    ca: join(folder, "ca.pem"),
    rules: join(folder, "hba"),
  };
  copyFileSync(server.cert, files.cert);
  copyFileSync(server.key, files.key);
  copyFileSync(ca, files.ca);
  writeFileSync(
    files.rules,
    `host all ${ownerName} 127.0.0.1/32 scram-sha-256\nhostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n`,
  );
  chmodSync(files.key, 0o600);
  await own(folder);
  const part = createPostgres(site, {
    shared_buffers: "32MB",
    ssl: "on",
    ssl_cert_file: files.cert,
    ssl_key_file: files.key,
    ssl_ca_file: files.ca,
    hba_file: files.rules,
  });
  return { ...part, settle: () => prepareCluster(site) };
}

/** Redis with TLS for a user with a password and a client certificate. */
export function secureRedis(site: Site, tlsPort: number, { server, ca }: Certificates): Part {
  const users = join(site.directory, "redis.acl");
  mkdirSync(site.directory, { recursive: true });
  writeFileSync(users, `user default on nopass ~* +@all\nuser ${USER} on >${PASSWORDS.redis} ~* +@all\n`);
  return createRedis(site, {
    "tls-port": `${tlsPort}`,
    "tls-cert-file": server.cert,
    "tls-key-file": server.key,
    "tls-ca-cert-file": ca,
    "tls-auth-clients": "yes",
    aclfile: users,
  });
}

/** Kafka with a SASL_SSL listener for each mechanism. The password differs by mechanism. */
export function secureKafka(site: Site, tlsPort: number, { server }: Certificates): Part {
  const store = join(site.directory, "kafka.pem");
  mkdirSync(site.directory, { recursive: true });
  writeFileSync(store, readFileSync(server.key, "utf8") + readFileSync(server.cert, "utf8"));
  const plain = `${site.ports.kafka}`;
  const modules = "org.apache.kafka.common.security";
  return createKafka(site, {
    ports: [tlsPort],
    settings: {
      listeners: `PLAINTEXT://127.0.0.1:${plain},SASL_SSL://127.0.0.1:${tlsPort},CONTROLLER://127.0.0.1:${site.ports.kafkaController}`,
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
      // A name, not an address: clients verify it, and send it as the server's name.
      "advertised.listeners": `PLAINTEXT://127.0.0.1:${plain},SASL_SSL://localhost:${tlsPort}`,
      "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
      "listener.name.sasl_ssl.plain.sasl.jaas.config": `${modules}.plain.PlainLoginModule required user_${USER}="${PASSWORDS.plain}";`,
      "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": `${modules}.scram.ScramLoginModule required;`,
      "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": `${modules}.scram.ScramLoginModule required;`,
      "ssl.keystore.type": "PEM",
      "ssl.keystore.location": store,
    },
    storageOptions: [
      ...["--add-scram", `SCRAM-SHA-256=[name=${USER},password=${PASSWORDS.scram256}]`],
      ...["--add-scram", `SCRAM-SHA-512=[name=${USER},password=${PASSWORDS.scram512}]`],
    ],
  });
}
