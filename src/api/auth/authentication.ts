import { jwt } from "@elysiajs/jwt";
import { Elysia } from "elysia";
import { importSPKI } from "jose";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { Problem } from "../http/problems.ts";
import { createKeySet } from "./keySet.ts";
import type { RateLimit } from "./rateLimit.ts";

export type Scope = "funds:write" | "reservations:write" | "balance:read" | "reports:read" | "audit";

export type TokenRules = {
  jwtPublicKey: string | undefined;
  jwtJwksUrl: string | undefined;
  jwtIssuer: string;
  jwtAudience: string;
};

/** A caller's name becomes part of what an idempotency key means; it must be one that the ledger can store. */
const CALLER_PATTERN = /^[\x21-\x7e]{1,255}$/;

/**
 * A token that was found good is taken for good again without the arithmetic, which would be a tenth of all work under load: until it expires,
 * and for no more than a minute, so that a key that is taken out of the key set soon counts no more.
 */
const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 10_000;

const BEARER = /^Bearer +([^ ]+)$/i;

type Bearer = { caller: string; scopes: readonly string[] };

export type Authentication = Awaited<ReturnType<typeof createAuthentication>>;

/**
 * Checks bearer tokens: RS256 and nothing else, by the configured key or key set, with issuer, audience, expiry and `sub`. Returns a plugin
 * factory: `requireScope(scope)`, or without a scope any good token, gives the routes of one feature their `caller` and the `scopes` of its
 * token, before their input is validated. A token that cannot be checked, since its key set is away, is no bad one: that is an error of ours. `limitRate` counts each request as an operation of its caller's.
 */
export async function createAuthentication(rules: TokenRules, log: Logger, limitRate?: RateLimit) {
  const keySet = rules.jwtPublicKey ? undefined : createKeySet(rules.jwtJwksUrl!, log);
  const key = keySet ? keySet.find : await importSPKI(rules.jwtPublicKey!, "RS256");
  // The plugin is typed for a key; what it hands on to jose may be a key set just as well.
  const tokens = jwt({ name: "tokens", secret: key as CryptoKey });

  /** By the whole header. */
  const good = new LRUCache<string, Bearer>({ max: REMEMBERED_MAX });

  return function requireScope(scope?: Scope) {
    return new Elysia().use(tokens).derive({ as: "scoped" }, async ({ tokens, request }) => {
      const authorization = request.headers.get("authorization") ?? "";
      const known = good.get(authorization);
      if (known) {
        await limitRate?.(known.caller, 1);
        return permit(known, scope);
      }
      const token = BEARER.exec(authorization)?.[1];
      if (token !== undefined) await keySet?.assertTells(token);
      const claims = await tokens.verify(token, {
        algorithms: ["RS256"],
        issuer: rules.jwtIssuer,
        audience: rules.jwtAudience,
        requiredClaims: ["exp", "sub"],
      });
      // The library checks that `sub` is there, not that it is a string; a pattern alone would read ["a"] as "a".
      if (!claims || typeof claims.sub !== "string" || !CALLER_PATTERN.test(claims.sub)) {
        throw new Problem("unauthenticated");
      }
      const bearer = { caller: claims.sub, scopes: typeof claims.scope === "string" ? claims.scope.split(" ") : [] };
      const leftMs = Math.min(claims.exp! * 1_000 - Date.now(), REMEMBERED_MS);
      if (leftMs > 0) good.set(authorization, bearer, { ttl: leftMs });
      await limitRate?.(bearer.caller, 1);
      return permit(bearer, scope);
    });
  };
}

function permit(bearer: Bearer, scope: Scope | undefined): Bearer {
  if (scope && !bearer.scopes.includes(scope)) throw insufficientScope(scope);
  return bearer;
}

export function insufficientScope(scope: Scope): Problem {
  return new Problem("insufficient_scope", { detail: `This request needs a token with the scope ${scope}.` });
}
