import { jwt } from "@elysiajs/jwt";
import { Elysia } from "elysia";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { Secret } from "../../lib/secrets.ts";
import { challenge, Problem } from "../http/problems.ts";
import { createKeySet } from "./keySet.ts";
import { createPublicKey } from "./publicKey.ts";
import type { RateLimit } from "./rateLimit.ts";

export type Scope =
  | "funds:write"
  | "reservations:write"
  | "refunds:write"
  | "balance:read"
  | "operations:read"
  | "reports:read"
  | "audit";

export type TokenRules = {
  jwtPublicKey: Secret | undefined;
  jwtJwksUrl: string | undefined;
  jwtIssuer: string;
  jwtAudience: string;
};

/** A valid caller name (`sub`). The ledger stores it, and it is part of the identity of an idempotency key. */
const CALLER_PATTERN = /^[\x21-\x7e]{1,255}$/;

/**
 * How long a verified token is accepted again without its signature check.
 *
 * The check would take a tenth of all CPU time under load. A key that is removed from the key set is accepted for this
 * long at most, and a token until it expires.
 */
const VERIFIED_TTL_MS = 60_000;
const VERIFIED_TOKENS_MAX = 10_000;

/** Leeway of `nbf` and `iat`, for an issuer whose clock is ahead. `exp` has none. */
const LEEWAY_SECONDS = 5;

const BEARER = /^Bearer +([^ ]+)$/i;
/** Whether a token was sent, well-formed or not. The challenge then has an error (RFC 6750). */
const HAS_TOKEN = /^Bearer +[^ ]/i;

type Bearer = { caller: string; scopes: readonly string[] };

export type Authentication = Awaited<ReturnType<typeof createAuthentication>>;

/**
 * Verifies bearer tokens: RS256 only, with issuer, audience, expiry and `sub`.
 *
 * The key is `jwtPublicKey`, or comes from the key set at `jwtJwksUrl`. A token that cannot be verified while the key
 * set is unavailable is answered `500 internal`, not `401`. `limitRate` counts each request as one operation of its
 * caller.
 *
 * @returns a plugin factory. `requireScope(...scopes)` gives the routes of one feature their `caller` and the `scopes`
 *   of its token, before their input is validated. One of the scopes is enough; without any, every valid token is.
 */
export async function createAuthentication(rules: TokenRules, log: Logger, limitRate?: RateLimit) {
  const keySet = rules.jwtPublicKey ? undefined : createKeySet(rules.jwtJwksUrl!, log);
  const key = keySet ? keySet.find : await createPublicKey(rules.jwtPublicKey!, log);
  // The plugin's type allows a key only. It passes the value to jose, which also accepts a function.
  const tokens = jwt({ name: "tokens", secret: key as unknown as CryptoKey });

  /** By the whole Authorization header. */
  const verifiedTokens = new LRUCache<string, Bearer>({ max: VERIFIED_TOKENS_MAX });

  return function requireScope(...anyOf: Scope[]) {
    return new Elysia().use(tokens).derive({ as: "scoped" }, async ({ tokens, request }) => {
      const authorization = request.headers.get("authorization") ?? "";
      const verified = verifiedTokens.get(authorization);
      if (verified) {
        await limitRate?.(verified.caller, 1);
        return permit(verified, anyOf);
      }
      const token = BEARER.exec(authorization)?.[1];
      if (token !== undefined) await keySet?.assertVerifiable(token);
      const claims = await tokens.verify(token, {
        algorithms: ["RS256"],
        issuer: rules.jwtIssuer,
        audience: rules.jwtAudience,
        requiredClaims: ["exp", "sub"],
        // The library has one leeway for all times, so they are checked below.
        clockTolerance: Number.MAX_SAFE_INTEGER,
      });
      // The library checks only that `sub` exists. A pattern alone would accept the array ["a"] as "a".
      if (!claims || typeof claims.sub !== "string" || !CALLER_PATTERN.test(claims.sub)) {
        throw HAS_TOKEN.test(authorization) ? invalidToken(INVALID) : new Problem("unauthenticated");
      }
      if (hasExpired(claims)) throw invalidToken(EXPIRED);
      if (isEarly(claims)) throw invalidToken(INVALID);
      const bearer = { caller: claims.sub, scopes: [claims.scope, claims.scp].flatMap(readScopes) };
      const leftMs = Math.min(claims.exp! * 1_000 - Date.now(), VERIFIED_TTL_MS);
      if (leftMs > 0) verifiedTokens.set(authorization, bearer, { ttl: leftMs });
      await limitRate?.(bearer.caller, 1);
      return permit(bearer, anyOf);
    });
  };
}

type Times = { exp?: number; nbf?: number; iat?: number };

function hasExpired({ exp = 0 }: Times): boolean {
  return exp <= Date.now() / 1_000;
}

function isEarly({ nbf = 0, iat = 0 }: Times): boolean {
  return Math.max(nbf, iat) > Date.now() / 1_000 + LEEWAY_SECONDS;
}

const EXPIRED = "The token has expired. Send the request with a new one.";
const INVALID =
  "The token is not valid, for another reason than its expiry. Send an RS256 token of the expected key, issuer and audience, with `exp` and `sub`.";

function invalidToken(detail: string): Problem {
  return new Problem("unauthenticated", { detail, headers: challenge({ error: "invalid_token" }) });
}

/** The scopes of a claim: separated by spaces, or in a list. */
function readScopes(claim: unknown): string[] {
  const texts = Array.isArray(claim) ? claim : [claim];
  return texts.flatMap((text) => (typeof text === "string" ? text.split(" ") : []));
}

function permit(bearer: Bearer, anyOf: readonly Scope[]): Bearer {
  if (anyOf.length > 0) assertScope(bearer.scopes, anyOf);
  return bearer;
}

/**
 * Refuses a token with none of the scopes.
 *
 * @throws Problem `insufficient_scope`. Its challenge lists all of them, since a token with these is always accepted.
 */
export function assertScope(scopes: readonly string[], anyOf: readonly Scope[]): void {
  if (anyOf.some((scope) => scopes.includes(scope))) return;
  throw new Problem("insufficient_scope", {
    detail: `This request needs a token with the scope ${anyOf.join(" or ")}.`,
    headers: challenge({ error: "insufficient_scope", scope: anyOf.join(" ") }),
  });
}
