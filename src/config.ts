import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { checkConnections, toConnections } from "./config/connections.ts";
import { type Environment, readSecretFiles, toSecret } from "./config/secretFiles.ts";
import { type Values, Variables, variables } from "./config/variables.ts";
import { isTimeZone } from "./ledger/months.ts";

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
export function loadConfig(given: Environment) {
  const { environment, wrong: wrongFiles } = readSecretFiles(given);
  const set = Object.fromEntries(
    Object.entries(variables)
      .map(([name, schema]) => [name, parse(schema, environment[name])] as const)
      .filter(([, value]) => value !== undefined && value !== ""),
  );
  const values = Value.Default(Variables, set) as Values;

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
  // A wrong value explains more than the combination that it is part of.
  if (wrong.size === 0) for (const [name, line] of checkConnections(values)) wrong.set(name, line);
  if (wrong.size > 0) {
    throw new ConfigError(
      `The configuration is not usable:\n${[...wrong.values()].map((line) => `  ${line}`).join("\n")}`,
    );
  }

  return Object.freeze({
    role: values.ROLE,
    host: values.HOST,
    port: values.PORT,
    ...toConnections(values, given),
    temporalUiUrl: values.TEMPORAL_UI_URL.replace(/\/$/, ""),
    jwtPublicKey: values.JWT_PUBLIC_KEY ? toSecret("JWT_PUBLIC_KEY", values.JWT_PUBLIC_KEY, given) : undefined,
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
    logLevel: values.LOG_LEVEL,
  });
}
