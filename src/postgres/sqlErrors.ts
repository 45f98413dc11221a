import { InvariantBroken } from "../ledger/state.ts";

/** How a failed statement has to be handled. */
export type SqlErrorClass =
  /** A conflict with another transaction: a retry may succeed. */
  | "collision"
  /** The data violates a constraint or a rule of the ledger: every retry fails, too. */
  | "refused"
  /** Any other error: the database is unreachable, slow or broken. The data may be valid. */
  | "unavailable";

/** Thrown when data that a decision is based on has changed since its reading. */
export class Collision extends Error {
  override name = "Collision";
}

/** The only mapping of PostgreSQL's SQLSTATEs (appendix A of its manual) to error classes. */
export function classifySqlError(error: unknown): SqlErrorClass {
  if (error instanceof Collision) return "collision";
  // From the ledger's amount parser, for an amount that input validation should have rejected.
  if (error instanceof RangeError) return "refused";
  // From the ledger's own checks: the stored books are inconsistent.
  if (error instanceof InvariantBroken) return "refused";
  const sqlState = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (sqlState === "40P01" || sqlState === "40001") return "collision";
  // Classes 22 (data exception) and 23 (integrity constraint violation). Error codes of Node, such as ECONNREFUSED, are
  // longer.
  return /^(22|23)...$/.test(sqlState) ? "refused" : "unavailable";
}
