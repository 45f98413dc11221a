import { readFileSync } from "node:fs";
import { type Static, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { isTimeZone } from "./ledger/months.ts";

/**
 * Every variable that Saldo reads, with the default of the local stack (`./dev up`, docker-compose.yml). Only keys have
 * no default, since a default in the sources would allow forged tokens and links.
 */
const variables = {
  ROLE: Type.Union([Type.Literal("all"), Type.Literal("api"), Type.Literal("worker")], {
    default: "all",
    description: "all, api or worker",
  }),
  HOST: text("0.0.0.0", "an address to listen on"),
  PORT: Type.Integer({ minimum: 1, maximum: 65535, default: 3000, description: "a port from 1 to 65535" }),
  DATABASE_URL: url(
    "postgres://saldo_service:saldo@127.0.0.1:15432/saldo",
    "^postgres(ql)?://(?!.*[?&]target_session_attrs=(?!read-write(&|$)))",
    "a postgres:// address, of one host or several, with target_session_attrs=read-write if any",
  ),
  REDIS_URL: url("redis://127.0.0.1:16379", "^rediss?://", "a redis:// address"),
  KAFKA_BROKERS: text("127.0.0.1:19092", "host:port, several separated by commas"),
  TEMPORAL_ADDRESS: text("127.0.0.1:17233", "host:port of the Temporal frontend"),
  TEMPORAL_NAMESPACE: text("default", "a Temporal namespace"),
  TEMPORAL_UI_URL: url("http://localhost:8233", "^https?://", "the http(s):// address of the Temporal Web UI"),
  JWT_PUBLIC_KEY: Type.Optional(
    Type.String({ pattern: "^-----BEGIN PUBLIC KEY-----", description: "an RSA public key in PEM (SPKI) form" }),
  ),
  JWT_JWKS_URL: Type.Optional(
    Type.String({ pattern: "^https?://", description: "the http(s):// address of a JSON Web Key Set" }),
  ),
  JWT_ISSUER: text("saldo-dev", "the issuer that tokens must name"),
  JWT_AUDIENCE: text("saldo", "the audience that tokens must name"),
  CURRENCY: Type.String({ pattern: "^[A-Z]{3}$", default: "RUB", description: "a three-letter currency code" }),
  SIGNING_KEY: Type.String({
    minLength: 32,
    description: "a secret of at least 32 characters, the same on all replicas",
  }),
  RESERVATION_TTL: Type.Integer({
    minimum: 1,
    maximum: 2_592_000,
    default: 604_800,
    description: "seconds, 1 to 2592000",
  }),
  PUBLIC_URL: url("http://localhost:3000", "^https?://[^?#]+$", "the http(s):// address that callers reach the API by"),
  REPORT_TIME_ZONE: text("Europe/Moscow", "a time zone of the IANA database, like Europe/Moscow"),
  REPORT_LINK_TTL: Type.Integer({ minimum: 1, maximum: 604_800, default: 3600, description: "seconds, 1 to 604800" }),
  DEFAULT_WAIT: Type.Integer({ minimum: 0, maximum: 30, default: 5, description: "seconds, 0 to 30" }),
  BALANCE_CACHE_TTL: Type.Integer({ minimum: 1, maximum: 3600, default: 60, description: "seconds, 1 to 3600" }),
  RATE_LIMIT: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0, description: "operations, 0 to 1000000" }),
  STOP_DELAY: Type.Integer({ minimum: 0, maximum: 60, default: 5, description: "seconds, 0 to 60" }),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({ pattern: "^https?://", description: "the http(s):// address of an OTLP collector" }),
  ),
  LOG_LEVEL: Type.Union(
    ["debug", "info", "warn", "error", "silent"].map((level) => Type.Literal(level)),
    { default: "info", description: "debug, info, warn, error or silent" },
  ),
} satisfies TProperties;

function text(fallback: string, description: string) {
  return Type.String({ minLength: 1, default: fallback, description });
}

function url(fallback: string, pattern: string, description: string) {
  return Type.String({ pattern, default: fallback, description });
}

const Variables = Type.Object(variables);

/** Converts integers from digits only: TypeBox would read "1e3" and "true" as 1. */
function parse(schema: TSchema, value: string | undefined): string | number | undefined {
  return schema.type === "integer" && /^\d+$/.test(value ?? "") ? Number(value) : value;
}

export type Config = ReturnType<typeof loadConfig>;

/** Lists every invalid variable. It never contains a value, because a value may be a secret. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Reads the configuration from the environment and from secret files, and freezes it.
 * An empty variable counts as absent.
 * @throws ConfigError with every invalid variable
 */
export function loadConfig(given: Record<string, string | undefined>) {
  const { environment, wrong: wrongFiles } = readSecretFiles(given);
  const set = Object.fromEntries(
    Object.entries(variables)
      .map(([name, schema]) => [name, parse(schema, environment[name])] as const)
      .filter(([, value]) => value !== undefined && value !== ""),
  );
  const values = Value.Default(Variables, set) as Static<typeof Variables>;

  const wrong = new Map<string, string>();
  for (const error of Value.Errors(Variables, values)) {
    const name = error.path.slice(1) as keyof typeof variables;
    wrong.set(name, `${name}: must be ${variables[name].description}`);
  }
  if (!isTimeZone(values.REPORT_TIME_ZONE)) {
    wrong.set("REPORT_TIME_ZONE", `REPORT_TIME_ZONE: must be ${variables.REPORT_TIME_ZONE.description}`);
  }
  if ((values.JWT_PUBLIC_KEY === undefined) === (values.JWT_JWKS_URL === undefined)) {
    wrong.set("JWT_PUBLIC_KEY", "JWT_PUBLIC_KEY, JWT_JWKS_URL: set exactly one of them");
  }
  for (const [name, line] of wrongFiles) wrong.set(name, line);
  if (wrong.size > 0) {
    throw new ConfigError(
      `The configuration is not usable:\n${[...wrong.values()].map((line) => `  ${line}`).join("\n")}`,
    );
  }

  return Object.freeze({
    role: values.ROLE,
    host: values.HOST,
    port: values.PORT,
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    kafkaBrokers: values.KAFKA_BROKERS.split(",").map((broker) => broker.trim()),
    temporalAddress: values.TEMPORAL_ADDRESS,
    temporalNamespace: values.TEMPORAL_NAMESPACE,
    temporalUiUrl: values.TEMPORAL_UI_URL.replace(/\/$/, ""),
    jwtPublicKey: values.JWT_PUBLIC_KEY,
    jwtJwksUrl: values.JWT_JWKS_URL,
    jwtIssuer: values.JWT_ISSUER,
    jwtAudience: values.JWT_AUDIENCE,
    currency: values.CURRENCY,
    signingKey: values.SIGNING_KEY,
    reservationTtlSeconds: values.RESERVATION_TTL,
    publicUrl: values.PUBLIC_URL.replace(/\/$/, ""),
    reportTimeZone: values.REPORT_TIME_ZONE,
    reportLinkTtlSeconds: values.REPORT_LINK_TTL,
    defaultWaitSeconds: values.DEFAULT_WAIT,
    balanceCacheTtlSeconds: values.BALANCE_CACHE_TTL,
    rateLimitPerSecond: values.RATE_LIMIT,
    stopDelaySeconds: values.STOP_DELAY,
    otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/$/, ""),
    logLevel: values.LOG_LEVEL as string,
  });
}

type Environment = Record<string, string | undefined>;

/** Variables that may hold a secret. Instead, a variable with `_FILE` appended may hold a file's path. */
const SECRETS = ["DATABASE_URL", "REDIS_URL", "SIGNING_KEY", "JWT_PUBLIC_KEY"] as const;

/**
 * Returns the environment with secrets read from files, and the errors by variable.
 * A line break at the end of a file is dropped. Errors contain neither a value nor the system's message, which may
 * contain one.
 */
function readSecretFiles(environment: Environment): { environment: Environment; wrong: Map<string, string> } {
  const read = { ...environment };
  const wrong = new Map<string, string>();
  for (const name of SECRETS) {
    const fileName = `${name}_FILE`;
    const path = environment[fileName];
    if (!path) continue;
    if (environment[name]) {
      wrong.set(name, `${name}, ${fileName}: set only one of them`);
      continue;
    }
    try {
      read[name] = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    } catch {
      wrong.set(name, `${fileName}: must name a file that can be read`);
      continue;
    }
    if (read[name] === "") wrong.set(name, `${fileName}: must name a file that is not empty`);
  }
  return { environment: read, wrong };
}
