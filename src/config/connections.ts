import { type TlsSettings, usesTls } from "../lib/tls.ts";
import { type Environment, type SecretName, toSecret } from "./secretFiles.ts";
import { type Values, variables } from "./variables.ts";

const PARTS = ["DATABASE", "REDIS", "KAFKA", "TEMPORAL"] as const;
type Part = (typeof PARTS)[number];

/** The setting that turns on TLS for each part. */
const TLS_SETTINGS: Record<Part, string> = {
  DATABASE: "sslmode=verify-full in DATABASE_URL",
  REDIS: "a rediss:// address in REDIS_URL",
  KAFKA: "KAFKA_TLS=true",
  TEMPORAL: "TEMPORAL_TLS=true",
};

/** Finds combinations that cannot work, or that would send a secret in readable form. Errors by variable. */
export function checkConnections(values: Values): Map<string, string> {
  const wrong = new Map<string, string>();
  const isDatabaseSecure = usesTls(values.DATABASE_URL);
  const isSecure: Record<Part, boolean> = {
    DATABASE: isDatabaseSecure ?? false,
    REDIS: values.REDIS_URL.startsWith("rediss:"),
    KAFKA: values.KAFKA_TLS === "true",
    TEMPORAL: values.TEMPORAL_TLS === "true",
  };
  if (isDatabaseSecure === undefined) {
    wrong.set("DATABASE_URL", "DATABASE_URL: use sslmode=verify-full, DATABASE_CA, DATABASE_CERT and DATABASE_KEY");
  }
  if (!URL.canParse(values.REDIS_URL)) {
    wrong.set("REDIS_URL", `REDIS_URL: must be ${variables.REDIS_URL.description}`);
  }
  for (const part of PARTS) {
    if ((values[`${part}_CERT`] === undefined) !== (values[`${part}_KEY`] === undefined)) {
      wrong.set(`${part}_CERT`, `${part}_CERT, ${part}_KEY: set both or none of them`);
    }
  }
  const needTls = [
    ...PARTS.flatMap((part) => [[`${part}_CA`, part] as const, [`${part}_CERT`, part] as const]),
    ["TEMPORAL_SERVER_NAME", "TEMPORAL"] as const,
    ["TEMPORAL_API_KEY", "TEMPORAL"] as const,
  ];
  for (const [name, part] of needTls) {
    if (values[name] !== undefined && !isSecure[part]) wrong.set(name, `${name}: needs ${TLS_SETTINGS[part]}`);
  }
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = values;
  const given = [mechanism, username, password].filter((value) => value !== undefined).length;
  if (given !== 0 && given !== 3) {
    const names = "KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD";
    wrong.set("KAFKA_SASL_MECHANISM", `${names}: set all or none of them`);
  } else if (mechanism === "PLAIN" && !isSecure.KAFKA) {
    wrong.set("KAFKA_SASL_MECHANISM", "KAFKA_SASL_MECHANISM: PLAIN needs KAFKA_TLS=true, since it sends the password");
  }
  return wrong;
}

/** The settings of the four connections, as plain data: see `Secret`. */
export function toConnections(values: Values, environment: Environment) {
  const secret = (name: SecretName) => {
    const value = values[name];
    return value === undefined ? undefined : toSecret(name, value, environment);
  };
  const tlsOf = (part: Part): TlsSettings => {
    const [ca, cert, key] = [secret(`${part}_CA`), secret(`${part}_CERT`), secret(`${part}_KEY`)];
    return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  };
  const [password, apiKey] = [secret("KAFKA_SASL_PASSWORD"), secret("TEMPORAL_API_KEY")];
  return {
    /** The address decides whether TLS is used. */
    database: { url: secret("DATABASE_URL")!, tls: tlsOf("DATABASE") },
    /** The address decides whether TLS is used. */
    redis: { url: secret("REDIS_URL")!, tls: tlsOf("REDIS") },
    kafka: {
      brokers: values.KAFKA_BROKERS.split(",").map((broker) => broker.trim()),
      ...(values.KAFKA_TLS === "true" && { tls: tlsOf("KAFKA") }),
      ...(password && {
        sasl: { mechanism: values.KAFKA_SASL_MECHANISM!, username: values.KAFKA_SASL_USERNAME!, password },
      }),
    },
    temporal: {
      address: values.TEMPORAL_ADDRESS,
      namespace: values.TEMPORAL_NAMESPACE,
      ...(values.TEMPORAL_TLS === "true" && {
        tls: {
          ...tlsOf("TEMPORAL"),
          ...(values.TEMPORAL_SERVER_NAME && { serverName: values.TEMPORAL_SERVER_NAME }),
        },
      }),
      ...(apiKey && { apiKey }),
    },
  };
}
