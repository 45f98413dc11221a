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

/** Keys are read anew after this time: so long may one that was taken out of the set still be good. */
const FRESH_MS = 60_000;
/** A key that is not known is looked for in the set, but not for every token that somebody makes up; and so is a set that could not be read. */
const LOOK_AGAIN_MS = 5_000;
/** Who waits for a set that is frozen waits no longer. */
const READ_LIMIT_MS = 2_000;
/** While the set cannot be read, an outage there stops no money here; but a key that was taken out meanwhile must not count for ever. */
const LAST_READ_MAX_MS = 24 * 3_600_000;

/** Says that a token cannot be checked: it may be good or bad. */
export class KeySetAway extends Error {
  override name = "KeySetAway";
}

/**
 * The keys that tokens are checked with, from a JSON Web Key Set. A new one counts as soon as a token names it, one that was taken out ends within a
 * minute. While the set is away, the keys that were last read from it count for a day.
 */
export function createKeySet(url: string, log: Logger) {
  const read: JWKSCacheInput = {};
  const remote = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: FRESH_MS,
    cooldownDuration: LOOK_AGAIN_MS,
    timeoutDuration: READ_LIMIT_MS,
    [jwksCache]: read,
  });
  let leftAloneUntilMs = 0;
  let trouble: unknown;

  const find: JWTVerifyGetKey = async (header, token) => {
    if (Date.now() < leftAloneUntilMs) return await findLastRead(header, token);
    try {
      return await remote(header, token);
    } catch (error) {
      if (isAnswer(error)) throw error;
      log.error({ err: error }, "The key set cannot be read");
      leftAloneUntilMs = Date.now() + LOOK_AGAIN_MS;
      trouble = error;
      return await findLastRead(header, token);
    }
  };

  const findLastRead: JWTVerifyGetKey = async (header, token) => {
    const { jwks, uat } = read;
    const away = (what: string) => new KeySetAway(what, { cause: trouble });
    if (!jwks || !uat || Date.now() - uat > LAST_READ_MAX_MS) throw away("No keys are known");
    return await createLocalJWKSet(jwks)(header, token).catch((error: unknown) => {
      throw error instanceof errors.JWKSNoMatchingKey ? away("The key is not known") : error;
    });
  };

  return {
    find,

    /** That it can be told whether the token is good. @throws KeySetAway where not, which a verification would not tell from a bad token. */
    async assertTells(token: string): Promise<void> {
      try {
        const header = decodeProtectedHeader(token);
        if (header.alg === "RS256") await find({ ...header, alg: "RS256" }, { payload: "", signature: "" });
      } catch (error) {
        if (error instanceof KeySetAway) throw error;
      }
    },
  };
}

/** That a key is not in the set, or fits no such token, is known from reading it, and is no trouble with it. */
function isAnswer(error: unknown): boolean {
  return [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some(
    (kind) => error instanceof kind,
  );
}
