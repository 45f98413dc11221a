import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Api } from "./api.ts";
import type { Scope, Session } from "./token.ts";

/** The session and its client, for all views below. */
export type Signed = { session: Session; api: Api; can(...anyOf: Scope[]): boolean };

export const SignedContext = createContext<Signed | undefined>(undefined);

export function useSigned(): Signed {
  return useContext(SignedContext)!;
}
