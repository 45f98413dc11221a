import { isIP } from "node:net";
import { readSecret, type Secret } from "./secrets.ts";

/** PEM texts for TLS. Without a CA the system's CAs are trusted; certificate and key are those of the client. */
export type TlsSettings = { ca?: Secret; cert?: Secret; key?: Secret };

/** The present options of a TLS connection to this host. The server's certificate and its name are always verified. */
export function readTls({ ca, cert, key }: TlsSettings, host: string) {
  return {
    ...(ca && { ca: readSecret(ca) }),
    ...(cert && { cert: readSecret(cert) }),
    ...(key && { key: readSecret(key) }),
    // Servers behind one address choose their certificate by this name. An IP address must not be sent (RFC 6066).
    ...(!isIP(host) && { servername: host }),
  };
}

/**
 * Decides from an address of PostgreSQL whether its connections use TLS.
 * Undefined where it has another `sslmode` than those of Saldo, or parameters that would replace the certificates.
 */
export function usesTls(address: string): boolean | undefined {
  const parameters = new URLSearchParams(/\?(.*)$/s.exec(address)?.[1] ?? "");
  const modes = parameters.getAll("sslmode");
  const areKnown = modes.every((mode) => mode === "verify-full" || mode === "disable");
  const hasOthers = ["ssl", "sslrootcert", "sslcert", "sslkey"].some((name) => parameters.has(name));
  return areKnown && !hasOthers ? modes.includes("verify-full") : undefined;
}
