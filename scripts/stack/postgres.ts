import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { migrateDatabase, ownerName, ownerPassword, prepareCluster, withServer } from "./databases.ts";
import { type Part, plainEnvironment } from "./part.ts";
import { findPostgresHome, type PostgresHome } from "./postgresHome.ts";
import { isStandby, otherServer, postgresPort, type ServerName, serverNames } from "./postgresServers.ts";
import type { Site } from "./site.ts";
import { awaitSynchronous, becomeStandby, replicationSettings } from "./standby.ts";
import { runTool } from "./tools.ts";

/** All servers that a stack can have: one, or two in a cluster. */
export function createPostgresServers(site: Site): Record<ServerName, Part> {
  const parts = serverNames.map((name) => [name, createPostgres(site, {}, name)]);
  return Object.fromEntries(parts) as Record<ServerName, Part>;
}

/**
 * Durable as in production (fsync and synchronous_commit stay on), reachable from this machine only.
 * `further` settings are for tests that need a server of their own.
 */
export function createPostgres(
  site: Site,
  further: Record<string, string> = {},
  serverName: ServerName = "postgres",
): Part {
  const port = postgresPort(site, serverName);
  const settings = {
    port: `${port}`,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "100",
    // Holds more of the indexes of ten million entries. With 128 MB a transfer took twice the CPU time.
    shared_buffers: "512MB",
    // The first change of a page after a checkpoint logs the whole page.
    // With the default of 1 GB, full load causes a checkpoint every 20 s.
    max_wal_size: "4GB",
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] %q%u@%d ",
    jit: "off",
    ...(site.isCluster && replicationSettings(site, serverName)),
    ...further,
  };

  return {
    name: serverName,
    title: serverName === "postgres" ? "PostgreSQL" : "PostgreSQL's second server",
    address: `127.0.0.1:${port}`,
    ports: [port],
    programs: ["postgres"],
    // A fast shutdown; SIGTERM would wait until every client disconnects.
    stopSignal: "SIGINT",
    async prepare() {
      const home = await findPostgresHome(site, serverName);
      const isBecomingStandby = site.isCluster && (await becomeStandby(site, serverName, home));
      if (!isBecomingStandby) await initializeCluster(home);
    },
    async launch() {
      const home = await findPostgresHome(site, serverName);
      const parameters = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
      return {
        command: [...home.runAs, join(home.binaries, "postgres"), "-D", home.directory, ...parameters],
        environment: plainEnvironment,
        directory: home.directory,
      };
    },
    check: () => withServer(port, "postgres", async (client) => void (await client.query("select 1"))),
    async settle() {
      if (site.isCluster) {
        // Until its standby is connected, a primary confirms no commit. The second server to start settles both.
        if (!isStandby(site, serverName)) return;
        await awaitSynchronous(site, otherServer(serverName));
      }
      await prepareCluster(site);
      await migrateDatabase(site, "saldo");
    },
    clear() {
      // A killed server that is still a zombie looks alive and blocks the next start.
      rmSync(join(site.dataDirectory(serverName), "postmaster.pid"), { force: true });
    },
  };
}

/** Creates the cluster in a temporary folder: an interrupted initdb leaves no half cluster. */
async function initializeCluster(home: PostgresHome): Promise<void> {
  if (existsSync(join(home.directory, "PG_VERSION"))) return;
  const fresh = `${home.directory}.new`;
  const passwordFile = `${home.directory}.password`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  writeFileSync(passwordFile, `${ownerPassword}\n`, { mode: 0o600 });
  await home.own(fresh);
  await home.own(passwordFile);
  await runTool([
    ...home.runAs,
    join(home.binaries, "initdb"),
    ...["--pgdata", fresh, "--username", ownerName, "--pwfile", passwordFile, "--auth", "scram-sha-256"],
    // The built-in collation: the same order on every machine, independent of its C library.
    ...["--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
    // A crash before the first use loses nothing.
    "--no-sync",
  ]);
  rmSync(home.directory, { recursive: true, force: true });
  renameSync(fresh, home.directory);
  rmSync(passwordFile);
}
