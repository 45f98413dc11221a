/** The ledger's data is inconsistent. No request can cause it, and a retry does not help. */
export class InvariantBroken extends Error {
  override name = "InvariantBroken";
}
