import { InvariantBroken } from "../ledger/state.ts";

/** What a failed statement calls for. */
export type SqlErrorClass =
  /** Another transaction was in the way: the same work, run again, may well succeed. */
  | "collision"
  /** The database, or a rule of the ledger, refuses the data themselves, and will every time. */
  | "refused"
  /** Anything else: the database is away, slow or broken, and says nothing about the data. */
  | "unavailable";

/** Thrown where someone else has changed, since it was looked at, what a decision was made upon. */
export class Collision extends Error {
  override name = "Collision";
}

/** The one table from PostgreSQL's SQLSTATEs (appendix A of its manual) to ours. */
export function classifySqlError(error: unknown): SqlErrorClass {
  if (error instanceof Collision) return "collision";
  // The ledger's own parser, for an amount that no border should have let through.
  if (error instanceof RangeError) return "refused";
  // Its own rules, for books that something else has broken.
  if (error instanceof InvariantBroken) return "refused";
  const sqlState = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (sqlState === "40P01" || sqlState === "40001") return "collision";
  // Classes 22, data exception, and 23, integrity constraint violation. Node's own codes (ECONNREFUSED, …) are longer.
  return /^(22|23)...$/.test(sqlState) ? "refused" : "unavailable";
}
