import { join } from "node:path";

/** A hash of the names and contents of files, to detect changes. */
export async function fingerprintFiles(directory: string, ...patterns: string[]): Promise<string> {
  const names = patterns.flatMap((pattern) => [...new Bun.Glob(pattern).scanSync({ cwd: directory })]);
  const hasher = new Bun.CryptoHasher("sha256");
  for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
    hasher.update(`${name}\0`).update(await Bun.file(join(directory, name)).bytes());
  }
  return hasher.digest("hex");
}
