import { parseToken, type Session } from "./token.ts";

/** The tab's own storage: it ends with the tab, and no other tab reads it. */
const STORED_TOKEN = "saldo.token";

export function loadSession(): Session | undefined {
  return parseToken(sessionStorage.getItem(STORED_TOKEN) ?? "");
}

export function storeSession(session: Session | undefined): void {
  if (session) sessionStorage.setItem(STORED_TOKEN, session.token);
  else sessionStorage.removeItem(STORED_TOKEN);
}
