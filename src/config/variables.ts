import { type Static, type TProperties, type TUnsafe, Type } from "@sinclair/typebox";

/**
 * Every variable that Saldo reads, with the default of the local stack (`./dev up`, docker-compose.yml). Only keys have
 * no default, since a default in the sources would allow forged tokens and links.
 */
export const variables = {
  ROLE: choice("all", "all", "api", "worker"),
  HOST: text("0.0.0.0", "an address to listen on"),
  PORT: integer(1, 65_535, 3000, "a port from 1 to 65535"),
  DATABASE_URL: url(
    "postgres://saldo_service:saldo@127.0.0.1:15432/saldo",
    "^postgres(ql)?://(?!.*[?&](target_session_attrs=(?!read-write(&|$))|sslmode=(?!(disable|verify-full)(&|$))))",
    "a postgres:// address, with target_session_attrs=read-write and sslmode=verify-full or disable, if any",
  ),
  DATABASE_CA: certificate(),
  DATABASE_CERT: certificate(),
  DATABASE_KEY: privateKey(),
  REDIS_URL: url("redis://127.0.0.1:16379", "^rediss?://", "a redis:// or rediss:// address"),
  REDIS_CA: certificate(),
  REDIS_CERT: certificate(),
  REDIS_KEY: privateKey(),
  KAFKA_BROKERS: text("127.0.0.1:19092", "host:port, several separated by commas"),
  KAFKA_TLS: choice("false", "true", "false"),
  KAFKA_CA: certificate(),
  KAFKA_CERT: certificate(),
  KAFKA_KEY: privateKey(),
  KAFKA_SASL_MECHANISM: Type.Optional(choice(undefined, "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")),
  KAFKA_SASL_USERNAME: Type.Optional(Type.String({ description: "a user of Kafka" })),
  KAFKA_SASL_PASSWORD: Type.Optional(Type.String({ description: "the password of the user of Kafka" })),
  TEMPORAL_ADDRESS: text("127.0.0.1:17233", "host:port of the Temporal frontend"),
  TEMPORAL_NAMESPACE: text("default", "a Temporal namespace"),
  TEMPORAL_TLS: choice("false", "true", "false"),
  TEMPORAL_CA: certificate(),
  TEMPORAL_CERT: certificate(),
  TEMPORAL_KEY: privateKey(),
  TEMPORAL_SERVER_NAME: Type.Optional(Type.String({ description: "the name in the certificate of Temporal" })),
  TEMPORAL_API_KEY: Type.Optional(Type.String({ description: "an API key of Temporal" })),
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
  RESERVATION_TTL: integer(1, 2_592_000, 604_800, "seconds, 1 to 2592000"),
  PUBLIC_URL: url("http://localhost:3000", "^https?://[^?#]+$", "the http(s):// address that callers reach the API by"),
  REPORT_TIME_ZONE: text("Europe/Moscow", "a time zone of the IANA database, like Europe/Moscow"),
  REPORT_LINK_TTL: integer(1, 604_800, 3600, "seconds, 1 to 604800"),
  DEFAULT_WAIT: integer(0, 30, 5, "seconds, 0 to 30"),
  BALANCE_CACHE_TTL: integer(1, 3600, 60, "seconds, 1 to 3600"),
  RATE_LIMIT: integer(0, 1_000_000, 0, "operations, 0 to 1000000"),
  STOP_DELAY: integer(0, 60, 5, "seconds, 0 to 60"),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({ pattern: "^https?://", description: "the http(s):// address of an OTLP collector" }),
  ),
  LOG_LEVEL: choice("info", "debug", "info", "warn", "error", "silent"),
} satisfies TProperties;

export const Variables = Type.Object(variables);
export type Values = Static<typeof Variables>;

function text(fallback: string, description: string) {
  return Type.String({ minLength: 1, default: fallback, description });
}

function url(fallback: string, pattern: string, description: string) {
  return Type.String({ pattern, default: fallback, description });
}

function integer(minimum: number, maximum: number, fallback: number, description: string) {
  return Type.Integer({ minimum, maximum, default: fallback, description });
}

function choice<const Choice extends string>(fallback: NoInfer<Choice> | undefined, ...choices: Choice[]) {
  const description = `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
  const union = Type.Union(
    choices.map((value) => Type.Literal(value)),
    { ...(fallback !== undefined && { default: fallback }), description },
  );
  // The library infers the union of a tuple only.
  return union as unknown as TUnsafe<Choice>;
}

function certificate() {
  return Type.Optional(
    Type.String({ pattern: "-----BEGIN CERTIFICATE-----", description: "certificates in PEM form" }),
  );
}

function privateKey() {
  return Type.Optional(
    Type.String({ pattern: "-----BEGIN [A-Z ]*PRIVATE KEY-----", description: "a private key in PEM form" }),
  );
}
