import { join } from "node:path";
import { rootDirectory } from "../../../scripts/stack/site.ts";

/** Fails where a committed contract differs from the code's, with the first line that differs. */
export async function assertCommitted(path: string, made: string): Promise<void> {
  const file = Bun.file(join(rootDirectory, path));
  const committed = (await file.exists()) ? await file.text() : "";
  if (committed === made) return;
  const [before, after] = [committed.split("\n"), made.split("\n")];
  const index = after.findIndex((line, at) => line !== before[at]);
  const at = index < 0 ? after.length : index;
  throw new Error(
    `${path} is not the contract of the code. Run ./dev contracts, and review and commit the change.\n` +
      `line ${at + 1}, committed: ${before[at]}\nline ${at + 1}, now:       ${after[at]}`,
  );
}
