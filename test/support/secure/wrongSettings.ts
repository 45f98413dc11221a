import type { SecureStack } from "./secureStack.ts";
import { PASSWORDS } from "./servers.ts";

/** Settings with which a connection cannot succeed, and the log line of each. */
export const WRONG_SETTINGS: [string, (stack: SecureStack) => Record<string, string>, RegExp][] = [
  [
    "a wrong password of PostgreSQL",
    ({ secrets }) => ({
      DATABASE_URL_FILE: "",
      DATABASE_URL: secrets.DATABASE_URL.replace(":saldo@", ":wrong-secret@"),
    }),
    /^DATABASE_URL: PostgreSQL refused the login$/,
  ],
  [
    "an untrusted PostgreSQL",
    untrusted("DATABASE"),
    /^DATABASE_CA: the certificate of PostgreSQL is not trusted \(.+\)$/,
  ],
  ["a client PostgreSQL refuses", stranger("DATABASE"), /^DATABASE_CERT: PostgreSQL refused the client's certificate/],
  [
    "another host's certificate of PostgreSQL",
    ({ secrets }) => ({
      DATABASE_URL_FILE: "",
      DATABASE_URL: secrets.DATABASE_URL.replace("localhost", "127.0.0.1"),
    }),
    /^DATABASE_URL: the certificate of PostgreSQL is for another host$/,
  ],
  [
    "a wrong password of Redis",
    ({ secrets }) => ({ REDIS_URL_FILE: "", REDIS_URL: secrets.REDIS_URL.replace(PASSWORDS.redis, "wrong-secret") }),
    /^REDIS_URL: Redis refused the login$/,
  ],
  ["an untrusted Redis", untrusted("REDIS"), /^REDIS_CA: the certificate of Redis is not trusted \(.+\)$/],
  ["a client Redis refuses", stranger("REDIS"), /^REDIS_CERT: Redis refused the client's certificate/],
  [
    "another host's certificate of Redis",
    ({ secrets }) => ({ REDIS_URL_FILE: "", REDIS_URL: secrets.REDIS_URL.replace("localhost", "127.0.0.1") }),
    /^REDIS_URL: the certificate of Redis is for another host$/,
  ],
  [
    "a wrong password of Kafka",
    () => ({ KAFKA_SASL_PASSWORD_FILE: "", KAFKA_SASL_PASSWORD: "wrong-secret" }),
    /^KAFKA_SASL_PASSWORD: Kafka refused the login$/,
  ],
  [
    "a wrong password of Kafka by PLAIN",
    () => ({ KAFKA_SASL_PASSWORD_FILE: "", KAFKA_SASL_PASSWORD: "wrong-secret", KAFKA_SASL_MECHANISM: "PLAIN" }),
    /^KAFKA_SASL_PASSWORD: Kafka refused the login$/,
  ],
  ["an untrusted Kafka", untrusted("KAFKA"), /^KAFKA_CA: the certificate of Kafka is not trusted \(.+\)$/],
  [
    "another host's certificate of Kafka",
    ({ ports }) => ({ KAFKA_BROKERS: `127.0.0.1:${ports.kafka}` }),
    /^KAFKA_BROKERS: the certificate of Kafka is for another host$/,
  ],
  [
    "a wrong API key of Temporal",
    () => ({ TEMPORAL_API_KEY_FILE: "", TEMPORAL_API_KEY: "wrong-secret" }),
    /^TEMPORAL_API_KEY: Temporal refused the login$/,
  ],
  ["an untrusted Temporal", untrusted("TEMPORAL"), /^TEMPORAL_CA: the certificate of Temporal is not trusted \(.+\)$/],
  ["a client Temporal refuses", stranger("TEMPORAL"), /^TEMPORAL_CERT: Temporal .+ the client's certificate/],
  [
    "another host's certificate of Temporal",
    () => ({ TEMPORAL_SERVER_NAME: "elsewhere.test" }),
    /^TEMPORAL_SERVER_NAME: the certificate of Temporal is for another host$/,
  ],
];

function untrusted(part: string) {
  return ({ certificates }: SecureStack) => ({ [`${part}_CA_FILE`]: certificates.otherCa });
}

function stranger(part: string) {
  return ({ certificates: { stranger: other } }: SecureStack) => ({
    [`${part}_CERT_FILE`]: other.cert,
    [`${part}_KEY_FILE`]: other.key,
  });
}
