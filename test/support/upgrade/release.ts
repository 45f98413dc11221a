import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { devDirectory, rootDirectory, StackError } from "../../../scripts/stack/site.ts";
import { ensureFolder, runTool } from "../../../scripts/stack/tools.ts";

/** The last release, by its commit, because a clone may lack tags. */
export const RELEASE = { version: "0.4.0", commit: "4495c1ad42deb8ec30234d0a1daed91ca216e9c5" };

/**
 * Unpacks the release's sources from the history, with its packages.
 * @returns the folder
 * @throws StackError where the clone has no such commit
 */
export async function unpackRelease(): Promise<string> {
  const git = (...parameters: string[]) => runTool(["git", "-C", rootDirectory, ...parameters]);
  const lock = await git("show", `${RELEASE.commit}:bun.lock`).catch((cause) => {
    const message = `The history lacks release ${RELEASE.version}, commit ${RELEASE.commit}: fetch it (git fetch --unshallow).`;
    throw new StackError(`${message}\n${cause.message}`);
  });
  const hasSamePackages = lock === (await Bun.file(join(rootDirectory, "bun.lock")).text());
  const name = hasSamePackages ? RELEASE.version : `${RELEASE.version}-packages`;
  const folder = join(devDirectory, "release", name);
  await ensureFolder(folder, async (fresh) => {
    const archive = join(fresh, "release.tar");
    await git("archive", "--output", archive, RELEASE.commit);
    await runTool(["tar", "-xf", archive, "-C", fresh]);
    await Bun.file(archive).delete();
    if (hasSamePackages) symlinkSync(join(rootDirectory, "node_modules"), join(fresh, "node_modules"));
    else await runTool([process.execPath, "install", "--frozen-lockfile", "--silent", "--cwd", fresh]);
  });
  return folder;
}
