/** Thrown where the books contradict themselves: no caller can bring that about, and no repetition mends it. */
export class InvariantBroken extends Error {
  override name = "InvariantBroken";
}
