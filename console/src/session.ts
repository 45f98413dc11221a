import { parseToken, type Session } from "./token.ts";

/** The storage of the tab, which ends with it. A duplicate of the tab starts with a copy. */
const STORED_TOKEN = "saldo.token";

export function loadSession(): Session | undefined {
  return parseToken(sessionStorage.getItem(STORED_TOKEN) ?? "");
}

export function storeSession(session: Session | undefined): void {
  if (session) sessionStorage.setItem(STORED_TOKEN, session.token);
  else sessionStorage.removeItem(STORED_TOKEN);
}
