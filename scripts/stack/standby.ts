import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { ownerName, ownerPassword, withServer } from "./databases.ts";
import type { PostgresHome } from "./postgresHome.ts";
import { isRunningPrimary, isStandby, otherServer, postgresPort, type ServerName } from "./postgresServers.ts";
import { type Site, StackError } from "./site.ts";

/** The standby's `application_name`, by which the primary recognizes it. */
const standbyName = "standby";

const serverTimeoutMs = 60_000;

/** Not in a base backup, by PostgreSQL's manual. Of a folder it has the empty one. */
const notCopied = new Set([
  ...["pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans"],
  ...["postmaster.pid", "postmaster.opts"],
]);

/**
 * Settings of both servers, so that a promoted one is a primary like the first.
 * Without a connected standby no commit is confirmed: an answered operation is on both servers.
 */
export function replicationSettings(site: Site, name: ServerName): Record<string, string> {
  const primaryPort = postgresPort(site, otherServer(name));
  return {
    synchronous_standby_names: standbyName,
    primary_conninfo:
      `host=127.0.0.1 port=${primaryPort} user=${ownerName} password=${ownerPassword} ` +
      `application_name=${standbyName} connect_timeout=2`,
    // A standby that was away for an outage finds the log that it needs.
    wal_keep_size: "1GB",
    // Short, since an outage in a test lasts seconds. The defaults are 5 s and 60 s.
    wal_retrieve_retry_interval: "200ms",
    wal_receiver_timeout: "5s",
    wal_sender_timeout: "5s",
    // Two servers share the machine. A test's ledger is small.
    shared_buffers: "128MB",
  };
}

/**
 * Makes the server's data that of a standby where the other server is the primary.
 * A former primary may have log that the new one lacks, so its data is replaced by a copy.
 * @returns false where this server is the primary
 */
export async function becomeStandby(site: Site, name: ServerName, home: PostgresHome): Promise<boolean> {
  const other = otherServer(name);
  if (name === "postgres-2" && !existsSync(home.directory))
    await awaitServer(site, other, (client) => client.query("select"));
  if (isStandby(site, name)) return true;
  if (!isRunningPrimary(site, other)) return false;
  await copyPrimary(site, other, home);
  return true;
}

/** Promotes the standby to primary. Resolves once it takes writes. */
export async function promote(site: Site, name: ServerName): Promise<void> {
  await withServer(postgresPort(site, name), "postgres", async (client) => {
    const { rows } = await client.query<{ isPromoted: boolean }>('select pg_promote() as "isPromoted"');
    if (!rows[0]?.isPromoted) throw new StackError("The standby was not promoted in 60 s.");
  });
}

/** Resolves once the standby of this primary has all log, and commits wait for it. */
export function awaitSynchronous(site: Site, primary: ServerName): Promise<void> {
  return awaitServer(site, primary, async (client) => {
    const { rowCount } = await client.query(
      "select from pg_stat_replication where application_name = $1 and state = 'streaming' and sync_state = 'sync'",
      [standbyName],
    );
    if (rowCount !== 1) throw new StackError("The standby of PostgreSQL has not caught up.");
  });
}

/** Repeats `use` until it succeeds. A server that recovers from a kill refuses connections at first. */
async function awaitServer(site: Site, name: ServerName, use: (client: Client) => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + serverTimeoutMs;
  for (;;) {
    try {
      await withServer(postgresPort(site, name), "postgres", use);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await Bun.sleep(50);
  }
}

/** Copies the running primary's data by the low-level backup functions: the package has no pg_basebackup. */
async function copyPrimary(site: Site, primary: ServerName, home: PostgresHome): Promise<void> {
  const from = site.dataDirectory(primary);
  const to = `${home.directory}.new`;
  rmSync(to, { recursive: true, force: true });
  await withServer(postgresPort(site, primary), "postgres", async (client) => {
    await client.query("select pg_backup_start('standby', fast => true)");
    copyData(from, to, notCopied);
    const { rows } = await client.query<{ labelfile: string }>(
      "select labelfile from pg_backup_stop(wait_for_archive => false)",
    );
    writeFileSync(join(to, "backup_label"), rows[0]!.labelfile);
  });
  writeFileSync(join(to, "standby.signal"), "");
  await home.own(to);
  rmSync(home.directory, { recursive: true, force: true });
  renameSync(to, home.directory);
}

/**
 * Copies a folder whose files may change or be deleted meanwhile.
 * A replay of the log from the backup's start repairs them.
 */
function copyData(from: string, to: string, except: ReadonlySet<string> = new Set()): void {
  mkdirSync(to, { mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      if (except.has(entry.name)) mkdirSync(target, { mode: 0o700 });
      else copyData(source, target);
    } else if (!except.has(entry.name)) copyFile(source, target);
  }
}

function copyFile(source: string, target: string): void {
  try {
    copyFileSync(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
