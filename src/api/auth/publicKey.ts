import { importSPKI } from "jose";
import type { Logger } from "pino";
import { readSecret, type Secret } from "../../lib/secrets.ts";

/** A key in a file is read again after this time. So it may rotate without a restart. */
const READ_EVERY_MS = 10_000;

/**
 * Returns a function that finds the public key that verifies tokens.
 * While a changed file cannot be used, the former key is accepted.
 * @throws where the key of the start is no RSA key
 */
export async function createPublicKey(secret: Secret, log: Logger, nowMs: () => number = () => performance.now()) {
  let text = secret.value;
  let key = await importSPKI(text, "RS256");
  let readAtMs = nowMs();

  return async () => {
    if (secret.file === undefined || nowMs() - readAtMs < READ_EVERY_MS) return key;
    readAtMs = nowMs();
    try {
      const present = readSecret(secret);
      if (present !== text) key = await importSPKI(present, "RS256");
      text = present;
    } catch {
      // The library's error may contain the file's content.
      log.error(`${secret.variable}_FILE: must name a file with an RSA public key; the former key is still used`);
    }
    return key;
  };
}
