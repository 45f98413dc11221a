import type { Scope } from "../auth/authentication.ts";
import type { SubmittedKind } from "./model.ts";

const FUNDS: readonly Scope[] = ["funds:write"];
const RESERVATIONS: readonly Scope[] = ["reservations:write"];

/** The scopes of each kind, on its own route and in a batch. Any one of them is enough. */
export const SCOPES: Record<SubmittedKind, readonly Scope[]> = {
  deposit: FUNDS,
  withdrawal: FUNDS,
  transfer: FUNDS,
  reservation: RESERVATIONS,
  recognition: RESERVATIONS,
  release: RESERVATIONS,
  extension: RESERVATIONS,
  refund: ["refunds:write", ...FUNDS],
};

/** Scopes that allow some kind. */
export const WRITE_SCOPES: readonly Scope[] = [...new Set(Object.values(SCOPES).flat())];
