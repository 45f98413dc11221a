/** The scopes that decide which parts of the page are offered. The API decides again on each request. */
export type Scope =
  | "funds:write"
  | "reservations:write"
  | "refunds:write"
  | "balance:read"
  | "operations:read"
  | "reports:read"
  | "audit";

export type Session = { token: string; caller: string; scopes: ReadonlySet<string> };

/** Reads the claims of a token; undefined where it is no JWT. The signature is checked by the API alone. */
export function parseToken(text: string): Session | undefined {
  const token = text.trim().replace(/^Bearer +/i, "");
  const payload = token.split(".")[1];
  if (token.split(".").length !== 3 || !payload) return undefined;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown; scope?: unknown; scp?: unknown };
    if (typeof claims.sub !== "string") return undefined;
    const scopes = new Set([...readScopes(claims.scope), ...readScopes(claims.scp)]);
    return { token, caller: claims.sub, scopes };
  } catch {
    return undefined;
  }
}

function readScopes(claim: unknown): string[] {
  const texts = Array.isArray(claim) ? claim : [claim];
  return texts.flatMap((text) => (typeof text === "string" ? text.split(" ") : []));
}
