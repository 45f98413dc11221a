import { join } from "node:path";
import { resolveBinary } from "dbmate";
import { Client, escapeIdentifier } from "pg";
import { fingerprintFiles } from "./fingerprint.ts";
import { postgresPort, primaryOf, serverNames } from "./postgresServers.ts";
import { configDefaults, rootDirectory, type Site } from "./site.ts";
import { runTool } from "./tools.ts";

/** Owns every database and runs the migrations; the service never logs in with it. */
export const ownerName = "saldo_owner";
export const ownerPassword = "saldo_owner";

export const migrationDirectory = join(rootDirectory, "db", "migrations");

/** Key of the advisory lock that `createDatabase` takes. The number is arbitrary. */
const templateLock = 7_200_001;

/** The address of a database for its owner, at the present primary. */
export function ownerUrl(site: Site, database: string): string {
  return ownerUrlAt(postgresPort(site, primaryOf(site)), database);
}

function ownerUrlAt(port: number, database: string): string {
  return `postgres://${ownerName}:${ownerPassword}@127.0.0.1:${port}/${database}`;
}

/**
 * The address of a database for the service's role. Name and password are the configuration's defaults.
 * In a cluster it has both servers.
 */
export function serviceUrl(site: Site, database: string): string {
  const { username, password } = new URL(configDefaults.database.url.value);
  const names = site.isCluster ? serverNames : serverNames.slice(0, 1);
  const hosts = names.map((name) => `127.0.0.1:${postgresPort(site, name)}`).join(",");
  return `postgres://${username}:${password}@${hosts}/${database}`;
}

/** Runs `use` with a connection of the owner to the primary. */
export function withOwner<T>(site: Site, database: string, use: (client: Client) => Promise<T>): Promise<T> {
  return withServer(postgresPort(site, primaryOf(site)), database, use);
}

/**
 * Runs `use` with a connection of the owner to the server at this port.
 * Connecting and each query have a timeout, because a frozen server never responds.
 */
export async function withServer<T>(port: number, database: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: ownerUrlAt(port, database),
    connectionTimeoutMillis: 2000,
    query_timeout: 30_000,
  });
  // If the connection breaks while idle, the next query throws.
  client.on("error", () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Creates the service's role and database. */
export async function prepareCluster(site: Site): Promise<void> {
  const init = await Bun.file(join(rootDirectory, "db", "init.sql")).text();
  await withOwner(site, "postgres", async (client) => {
    await client.query(init);
    if (!(await exists(client, "saldo"))) await client.query("create database saldo");
  });
}

export async function migrateDatabase(site: Site, database: string, directory = migrationDirectory): Promise<void> {
  await runTool([
    resolveBinary(),
    "--no-dump-schema",
    "--migrations-dir",
    directory,
    "--url",
    `${ownerUrl(site, database)}?sslmode=disable`,
    "up",
  ]);
}

/**
 * Creates an empty database with all migrations applied.
 * It is a copy of a template, which is migrated once for each set of migrations.
 * @returns its address for the service's role
 */
export async function createDatabase(site: Site, name: string): Promise<string> {
  const template = `template_${(await fingerprintFiles(migrationDirectory, "*.sql")).slice(0, 16)}`;
  await withOwner(site, "postgres", async (client) => {
    // One process at a time. A template cannot be copied while it has connections or is half migrated.
    await client.query("select pg_advisory_lock($1)", [templateLock]);
    if (!(await exists(client, template))) await createTemplate(site, client, template);
    await client.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
    await client.query(`create database ${escapeIdentifier(name)} template ${template}`);
  });
  return serviceUrl(site, name);
}

/** Renames the template once it is migrated: an interrupted run leaves no half-migrated one. */
async function createTemplate(site: Site, client: Client, template: string): Promise<void> {
  const fresh = `${template}_new`;
  await client.query(`drop database if exists ${fresh} with (force)`);
  await client.query(`create database ${fresh}`);
  await migrateDatabase(site, fresh);
  await client.query(`alter database ${fresh} rename to ${template}`);
}

async function exists(client: Client, database: string): Promise<boolean> {
  return (await client.query("select from pg_database where datname = $1", [database])).rowCount === 1;
}
