import { describe, expect, test } from "bun:test";
import { loadConfig } from "../../src/config.ts";
import { refusalOf } from "../support/config/refusal.ts";

const key = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----";
const signingKey = "s".repeat(32);
/** Variables without a default. */
const required = { JWT_PUBLIC_KEY: key, SIGNING_KEY: signingKey };
const keySet = "https://issuer.example/keys";

const wrong: Record<string, string[]> = {
  ROLE: ["everything", "ALL"],
  PORT: ["0", "65536", "-1", "port", "80.5", "1e3", "0x50", "true", "3000 "],
  DATABASE_URL: [
    "mysql://wrong",
    "127.0.0.1:5432",
    "postgres://one,two/saldo?target_session_attrs=any",
    "postgres://one,two/saldo?sslmode=verify-full&target_session_attrs=standby",
    "postgres://one/saldo?sslmode=require",
    "postgres://one/saldo?sslmode=verify-full&sslrootcert=/ca.pem",
  ],
  DATABASE_CA: ["wrong"],
  DATABASE_KEY: ["-----BEGIN CERTIFICATE-----"],
  REDIS_URL: ["http://wrong", "rediss://cache:port"],
  KAFKA_TLS: ["yes", "1"],
  KAFKA_SASL_MECHANISM: ["GSSAPI", "scram-sha-256"],
  TEMPORAL_TLS: ["on"],
  TEMPORAL_UI_URL: ["ftp://wrong", "localhost:8233"],
  JWT_PUBLIC_KEY: ["-----BEGIN PRIVATE KEY-----", "wrong"],
  JWT_JWKS_URL: ["wrong"],
  CURRENCY: ["rub", "RUBLE", "R"],
  SIGNING_KEY: ["", "s".repeat(31)],
  RESERVATION_TTL: ["0", "2592001", "7d", "-1", "1.5"],
  PUBLIC_URL: ["localhost:3000", "ftp://wrong", "http://", "https://saldo.example/?a=b", "https://saldo.example/#a"],
  REPORT_TIME_ZONE: ["Europe/Atlantis", "Moscow", "+03:00", "GMT+3", "3", "Europe/Moscow "],
  REPORT_LINK_TTL: ["0", "604801", "1h"],
  DEFAULT_WAIT: ["-1", "31", "1.5", "five", "true"],
  BALANCE_CACHE_TTL: ["0", "3601", "a minute", "true", "1e3"],
  RATE_LIMIT: ["-1", "1000001", "1.5", "off"],
  STOP_DELAY: ["-1", "61", "5s"],
  OTEL_EXPORTER_OTLP_ENDPOINT: ["collector:4318", "grpc://collector:4317"],
  LOG_LEVEL: ["loud"],
};

describe("the configuration", () => {
  test("with only its keys set it is that of the local stack", () => {
    expect(loadConfig(required)).toEqual({
      role: "all",
      host: "0.0.0.0",
      port: 3000,
      database: {
        url: { variable: "DATABASE_URL", value: "postgres://saldo_service:saldo@127.0.0.1:15432/saldo" },
        tls: {},
      },
      redis: { url: { variable: "REDIS_URL", value: "redis://127.0.0.1:16379" }, tls: {} },
      kafka: { brokers: ["127.0.0.1:19092"] },
      temporal: { address: "127.0.0.1:17233", namespace: "default" },
      temporalUiUrl: "http://localhost:8233",
      jwtPublicKey: { variable: "JWT_PUBLIC_KEY", value: key },
      jwtJwksUrl: undefined,
      jwtIssuer: "saldo-dev",
      jwtAudience: "saldo",
      currency: "RUB",
      signingKey,
      reservationTtlSeconds: 604_800,
      publicUrl: "http://localhost:3000",
      reportTimeZone: "Europe/Moscow",
      reportLinkTtlSeconds: 3600,
      defaultWaitSeconds: 5,
      balanceCacheTtlSeconds: 60,
      rateLimitPerSecond: 0,
      stopDelaySeconds: 5,
      otlpEndpoint: undefined,
      logLevel: "info",
    });
  });

  test("is read from its variables: numbers, lists of brokers, addresses without a trailing slash", () => {
    const config = loadConfig({
      JWT_JWKS_URL: keySet,
      SIGNING_KEY: signingKey,
      RESERVATION_TTL: "2592000",
      ROLE: "worker",
      PORT: "8080",
      DATABASE_URL: "postgres://one:5432,two:5433/saldo?target_session_attrs=read-write&sslmode=verify-full",
      KAFKA_BROKERS: "one:9092, two:9092",
      TEMPORAL_UI_URL: "https://temporal.example/",
      PUBLIC_URL: "https://saldo.example/",
      REPORT_TIME_ZONE: "America/New_York",
      DEFAULT_WAIT: "0",
      BALANCE_CACHE_TTL: "3600",
      RATE_LIMIT: "250",
      STOP_DELAY: "0",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/",
      LOG_LEVEL: "silent",
    });
    expect(config).toMatchObject({
      jwtJwksUrl: keySet,
      jwtPublicKey: undefined,
      role: "worker",
      port: 8080,
      database: {
        url: { value: "postgres://one:5432,two:5433/saldo?target_session_attrs=read-write&sslmode=verify-full" },
      },
      kafka: { brokers: ["one:9092", "two:9092"] },
      temporalUiUrl: "https://temporal.example",
      publicUrl: "https://saldo.example",
      reportTimeZone: "America/New_York",
      reservationTtlSeconds: 2_592_000,
      defaultWaitSeconds: 0,
      balanceCacheTtlSeconds: 3600,
      rateLimitPerSecond: 250,
      stopDelaySeconds: 0,
      otlpEndpoint: "http://collector:4318",
      logLevel: "silent",
    });
  });

  test("is frozen", () => {
    const config = loadConfig(required);
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
  });

  test("treats an empty variable as absent and ignores unknown ones", () => {
    const config = loadConfig({ ...required, JWT_JWKS_URL: "", PORT: "", CURRENCY: "", UNKNOWN: "value" });
    expect(config).toEqual(loadConfig(required));
  });

  const cases = Object.entries(wrong).flatMap(([name, values]) => values.map((value) => [name, value] as const));

  test.each(cases)("%s=%p is refused with its name, without its value", (name, value) => {
    const message = refusalOf({
      ...required,
      ...(name === "JWT_JWKS_URL" && { JWT_PUBLIC_KEY: "" }),
      [name]: value,
    });
    expect(message.match(/^ {2}[A-Z_]+(?=[:,])/gm)).toEqual([`  ${name}`]);
  });

  test("every bad variable is named in one error, which contains no value, since it may be a secret", () => {
    const environment = Object.fromEntries(Object.keys(wrong).map((name) => [name, `secret-of-${name}`]));
    const message = refusalOf(environment);
    for (const name of Object.keys(wrong)) expect(message).toContain(name);
    expect(message).not.toContain("secret-of");
  });

  test("tokens are verified with exactly one of a key and a key set", () => {
    for (const keys of [{}, { JWT_PUBLIC_KEY: key, JWT_JWKS_URL: keySet }]) {
      expect(refusalOf({ SIGNING_KEY: signingKey, ...keys })).toContain(
        "JWT_PUBLIC_KEY, JWT_JWKS_URL: set exactly one of them",
      );
    }
    expect(loadConfig(required).jwtPublicKey?.value).toBe(key);
    expect(loadConfig({ JWT_JWKS_URL: keySet, SIGNING_KEY: signingKey }).jwtJwksUrl).toBe(keySet);
  });
});
