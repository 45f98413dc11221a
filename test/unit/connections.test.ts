import { expect, test } from "bun:test";
import { pino } from "pino";
import { loadConfig } from "../../src/config.ts";
import { findConnectionFault } from "../../src/lib/connections.ts";
import { createConnectionLog } from "../../src/observability/connectionLog.ts";
import { refusalOf } from "../support/config/refusal.ts";

const required = { JWT_JWKS_URL: "https://issuer.example/keys", SIGNING_KEY: "s".repeat(32) };
const CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
const KEY = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----";
const tls = { DATABASE_URL: "postgres://db/saldo?sslmode=verify-full", KAFKA_TLS: "true", TEMPORAL_TLS: "true" };
const login = { KAFKA_SASL_MECHANISM: "PLAIN", KAFKA_SASL_USERNAME: "saldo", KAFKA_SASL_PASSWORD: "secret" };

test.each([
  [{ DATABASE_CA: CA }, "DATABASE_CA: needs sslmode=verify-full in DATABASE_URL"],
  [{ REDIS_CA: CA }, "REDIS_CA: needs a rediss:// address in REDIS_URL"],
  [{ KAFKA_CA: CA }, "KAFKA_CA: needs KAFKA_TLS=true"],
  [{ TEMPORAL_CA: CA }, "TEMPORAL_CA: needs TEMPORAL_TLS=true"],
  [{ TEMPORAL_SERVER_NAME: "temporal.example" }, "TEMPORAL_SERVER_NAME: needs TEMPORAL_TLS=true"],
  [{ TEMPORAL_API_KEY: "secret" }, "TEMPORAL_API_KEY: needs TEMPORAL_TLS=true"],
  [{ ...tls, DATABASE_CERT: CA }, "DATABASE_CERT, DATABASE_KEY: set both or none of them"],
  [{ ...tls, TEMPORAL_KEY: KEY }, "TEMPORAL_CERT, TEMPORAL_KEY: set both or none of them"],
  [login, "KAFKA_SASL_MECHANISM: PLAIN needs KAFKA_TLS=true, since it sends the password"],
  [
    { ...tls, ...login, KAFKA_SASL_USERNAME: "" },
    "KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: set all or none of them",
  ],
])("a combination of settings that cannot work is refused by name: %#", (settings, line) => {
  expect(
    refusalOf({ ...required, ...settings })
      .split("\n")
      .slice(1),
  ).toEqual([`  ${line}`]);
});

test("settings of secure connections are plain data that a thread can take", () => {
  const config = loadConfig({ ...required, ...tls, ...login, KAFKA_CA: CA, TEMPORAL_CERT: CA, TEMPORAL_KEY: KEY });
  expect(config.kafka).toEqual({
    brokers: ["127.0.0.1:19092"],
    tls: { ca: { variable: "KAFKA_CA", value: CA } },
    sasl: {
      mechanism: "PLAIN",
      username: "saldo",
      password: { variable: "KAFKA_SASL_PASSWORD", value: "secret" },
    },
  });
  expect(structuredClone(config.kafka)).toEqual(config.kafka);
  expect(config.temporal.tls).toEqual({
    cert: { variable: "TEMPORAL_CERT", value: CA },
    key: { variable: "TEMPORAL_KEY", value: KEY },
  });
});

const variables = { address: "X_URL", login: "X_PASSWORD", ca: "X_CA", cert: "X_CERT" };

test("a fault is found among the causes of an error, and its reason contains nothing else of them", () => {
  const cause = Object.assign(new Error("secret"), { code: "SELF_SIGNED_CERT_IN_CHAIN" });
  expect(findConnectionFault("X", variables, new Error("secret", { cause }))).toEqual({
    variable: "X_CA",
    reason: "the certificate of X is not trusted (SELF_SIGNED_CERT_IN_CHAIN)",
  });
  const file = new Error("X_PASSWORD_FILE: must name a file that can be read");
  expect(findConnectionFault("X", variables, new AggregateError([new Error("other"), file]))).toEqual({
    variable: "X_PASSWORD_FILE",
    reason: "must name a file that can be read",
  });
  expect(findConnectionFault("X", variables, new Error("connect ECONNREFUSED"))).toBeUndefined();
});

test("connections are logged on a change only: one line for a fault, one for its end", () => {
  const lines: { level: number; msg: string }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const onConnection = createConnectionLog(log, "X", variables);
  const refused = new Error("WRONGPASS");
  onConnection();
  for (const error of [new Error("ECONNREFUSED"), new Error("ECONNREFUSED"), refused, new Error("closed"), refused]) {
    onConnection(error);
  }
  onConnection();
  onConnection();
  onConnection(refused);
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    [40, "X is unreachable"],
    [50, "X_PASSWORD: X refused the login"],
    [30, "X is connected"],
    [50, "X_PASSWORD: X refused the login"],
  ]);
});
