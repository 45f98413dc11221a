import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
  jwksCache,
} from "jose";
import type { Logger } from "pino";

/** The keys are read again after this time. A key that is removed from the set is accepted for so long. */
const CACHE_TTL_MS = 60_000;
/**
 * The cooldown between reads for an unknown key, and after a failed read.
 *
 * Without it, every token with an invented key id would cause a read.
 */
const READ_COOLDOWN_MS = 5_000;
/** Bounds the delay of a request while the server of the set is frozen. */
const READ_TIMEOUT_MS = 2_000;
/**
 * How long the last keys are accepted while the set cannot be read.
 *
 * An outage of the set's server then stops no operation. A key that was removed meanwhile must not be accepted without
 * limit.
 */
const STALE_KEYS_MAX_MS = 24 * 3_600_000;

/** The token cannot be verified: it may be valid or invalid. */
export class KeySetUnavailableError extends Error {
  override name = "KeySetUnavailableError";
}

/**
 * Finds the keys that verify tokens in a JSON Web Key Set.
 *
 * A new key is found as soon as a token names it; a removed key is rejected within a minute. While the set is
 * unavailable, the keys of the last read are accepted for a day.
 */
export function createKeySet(url: string, log: Logger) {
  const read: JWKSCacheInput = {};
  const remote = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: CACHE_TTL_MS,
    cooldownDuration: READ_COOLDOWN_MS,
    timeoutDuration: READ_TIMEOUT_MS,
    [jwksCache]: read,
  });
  let nextReadAtMs = 0;
  let lastError: unknown;

  const find: JWTVerifyGetKey = async (header, token) => {
    if (Date.now() < nextReadAtMs) return await findLastRead(header, token);
    try {
      return await remote(header, token);
    } catch (error) {
      if (isKeyMismatch(error)) throw error;
      log.error({ err: error }, "The key set cannot be read");
      nextReadAtMs = Date.now() + READ_COOLDOWN_MS;
      lastError = error;
      return await findLastRead(header, token);
    }
  };

  const findLastRead: JWTVerifyGetKey = async (header, token) => {
    const { jwks, uat } = read;
    const unavailable = (message: string) => new KeySetUnavailableError(message, { cause: lastError });
    if (!jwks || !uat || Date.now() - uat > STALE_KEYS_MAX_MS) throw unavailable("No keys of the key set are cached");
    return await createLocalJWKSet(jwks)(header, token).catch((error: unknown) => {
      throw error instanceof errors.JWKSNoMatchingKey ? unavailable("The key is not among the cached keys") : error;
    });
  };

  return {
    find,

    /**
     * Asserts that the token can be verified.
     *
     * @throws KeySetUnavailableError, which the plugin's `verify` would report as an invalid token
     */
    async assertVerifiable(token: string): Promise<void> {
      try {
        const header = decodeProtectedHeader(token);
        if (header.alg === "RS256") await find({ ...header, alg: "RS256" }, { payload: "", signature: "" });
      } catch (error) {
        if (error instanceof KeySetUnavailableError) throw error;
      }
    },
  };
}

/** Whether the set was read but has no key for the token. That is no failure of the set. */
function isKeyMismatch(error: unknown): boolean {
  return [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some(
    (kind) => error instanceof kind,
  );
}
