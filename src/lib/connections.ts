/** Called with the outcome of each new connection: with the error of a failed one. */
export type OnConnection = (error?: unknown) => void;

/** The variable to correct before a connection can succeed. The reason contains no secret. */
export type ConnectionFault = { variable: string; reason: string };

/** The variable to correct, by kind of fault. */
export type ConnectionVariables = {
  /** The server is not trusted. */
  ca: string;
  /** The server's certificate is for another host. */
  address: string;
  /** The client's certificate is refused. */
  cert: string;
  /** User or password, or the API key, is refused. */
  login: string;
  /** The mechanism of the login is not offered. */
  mechanism?: string;
  /** The server closes the connection without a reason. */
  closed?: string;
};

type Kind = keyof ConnectionVariables;

/** Marks of each fault in codes and messages, searched in this order. */
const MARKS: Record<Kind, RegExp[]> = {
  ca: [
    // OpenSSL, by code or text.
    /[A-Z_]*(SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_(HAS_EXPIRED|NOT_YET_VALID|SIGNATURE|UNTRUSTED))[A-Z_]*/,
    /self[- ]signed certificate|unable to (get|verify)[a-z ]* certificate|certificate has expired/,
    // The client of Temporal.
    /UnknownIssuer|BadSignature|InvalidCertificate\(Expired/,
  ],
  address: [/ERR_TLS_CERT_ALTNAME_INVALID|NotValidForName/],
  cert: [
    /ALERT_[A-Z_]*(CERTIFICATE|UNKNOWN_CA)[A-Z_]*|alert (bad|unknown|certificate|unsupported)[a-z ]*/,
    /fatal alert: \w*(Certificate|UnknownCA)\w*/,
    /valid client certificate/,
  ],
  mechanism: [/mechanism is not supported|UNSUPPORTED_SASL_MECHANISM/],
  login: [
    // PostgreSQL: class 28, and the driver without a password.
    /\b28(P01|000)\b|client password must be/,
    /WRONGPASS|NOAUTH/,
    /SASL_AUTHENTICATION_FAILED|KafkaJSSASLAuthenticationError/,
    // gRPC's codes UNAUTHENTICATED and PERMISSION_DENIED, by text where the connection begins.
    /\bServiceError (16|7)\b/,
    /valid authentication credentials|does not have permission to execute/,
  ],
  // Temporal's client hides the alert: with TLS 1.3 its first call fails.
  closed: [/GetSystemInfo.*(connection closed|close_notify|reset by peer|broken pipe)/i],
};

const REASONS: Record<Kind, (part: string, mark: string) => string> = {
  ca: (part, mark) => `the certificate of ${part} is not trusted (${mark})`,
  address: (part) => `the certificate of ${part} is for another host`,
  cert: (part, mark) => `${part} refused the client's certificate (${mark})`,
  mechanism: (part) => `${part} does not offer this mechanism`,
  login: (part) => `${part} refused the login`,
  closed: (part) => `${part} closed the connection, perhaps because of the client's certificate`,
};

/**
 * Finds the variable to correct; undefined where the part is only unreachable.
 * The reason contains fixed words and a code, nothing else of the error.
 */
export function findConnectionFault(
  part: string,
  variables: ConnectionVariables,
  error: unknown,
): ConnectionFault | undefined {
  const text = describeChain(error);
  // Thrown by Saldo itself, where a rotated file cannot be used.
  const [, own, must] = /\b([A-Z_]{5,}): (must [a-z:/= -]+)/.exec(text) ?? [];
  if (own && must) return { variable: own, reason: must };
  for (const [kind, marks] of Object.entries(MARKS) as [Kind, RegExp[]][]) {
    const variable = variables[kind];
    const found = marks.map((mark) => mark.exec(text)?.[0]).find((mark) => mark !== undefined);
    if (variable && found) return { variable, reason: REASONS[kind](part, found) };
  }
  return undefined;
}

/** The names, codes and messages of an error and its causes. */
export function describeChain(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 5) return String(error);
  const { code, cause, errors, originalError } = error as Error & Record<string, unknown>;
  const further = [cause, originalError, ...(Array.isArray(errors) ? errors : [])].filter(
    (other) => other !== undefined,
  );
  return [error.name, code, error.message, ...further.map((other) => describeChain(other, depth + 1))].join(" ");
}
