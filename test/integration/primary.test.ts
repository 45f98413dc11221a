import { afterAll, beforeAll, beforeEach, expect, spyOn, test } from "bun:test";
import pg, { type Pool, type PoolClient } from "pg";
import {
  createDatabase as createMigrated,
  prepareCluster,
  serviceUrl,
  withOwner,
} from "../../scripts/stack/databases.ts";
import { createPostgres } from "../../scripts/stack/postgres.ts";
import type { Site } from "../../scripts/stack/site.ts";
import { createDatabase } from "../../src/postgres/database.ts";
import { createPool } from "../../src/postgres/pool.ts";
import { classifySqlError } from "../../src/postgres/sqlErrors.ts";
import { stack } from "../support/api/client.ts";
import { deposit, uniqueUserId } from "../support/ledger/operations.ts";
import { createTestLedger } from "../support/ledger/testLedger.ts";
import { type FurtherServer, furtherSite, startFurther } from "../support/stack/furtherServer.ts";
import { at } from "../support/stack/settings.ts";
import { eventually } from "../support/waiting.ts";

const DATABASE = "primary_of_two";

/** Two hosts with the same database: the stack's server, and one of this test. */
const one = stack.site;
const two = furtherSite("primary", 100);
let serverTwo: FurtherServer;
/** The address that lists both. */
let address: string;

beforeAll(async () => {
  serverTwo = await startFurther(two, {
    ...createPostgres(two, { shared_buffers: "32MB" }),
    settle: () => prepareCluster(two),
  });
  await createMigrated(two, DATABASE);
  const url = await createMigrated(one, DATABASE);
  address = url.replace(/:\d+\//, `:${one.ports.postgres},127.0.0.1:${two.ports.postgres}/`);
});

beforeEach(async () => {
  await setReadOnly(two, false);
  await setReadOnly(one, true);
});

afterAll(async () => {
  await serverTwo[Symbol.asyncDispose]();
});

/** Makes a host read-only, as a standby is. On host two this concerns open sessions, too. */
async function setReadOnly(site: Site, isReadOnly: boolean): Promise<void> {
  const subject = site === two ? "system" : `database ${DATABASE}`;
  await withOwner(site, "postgres", async (owner) => {
    await owner.query(
      `alter ${subject} ${isReadOnly ? "set" : "reset"} default_transaction_read_only${isReadOnly ? " = on" : ""}`,
    );
    await owner.query("select pg_reload_conf()");
  });
}

function openPools() {
  const database = createDatabase(at(address));
  const [posting, reading] = [createPool(database, "post", 2), createPool(database, "read", 2)];
  return {
    database,
    posting,
    reading,
    [Symbol.asyncDispose]: async () => void (await Promise.all([posting.end(), reading.end()])),
  };
}

async function readPort(database: Pool | PoolClient): Promise<number> {
  const { rows } = await database.query<{ port: number }>("select inet_server_port() as port");
  return rows[0]!.port;
}

const write = (pool: Pool) => pool.query("insert into outbox (workflow_id, operation_ids) values ('primary', '{}')");

test("of several hosts connections go to the one that accepts writes, wherever it is in the list", async () => {
  {
    await using pools = openPools();
    expect(await readPort(pools.posting)).toBe(two.ports.postgres);
  }
  await setReadOnly(one, false);
  await setReadOnly(two, true);
  await using pools = openPools();
  expect(await readPort(pools.posting)).toBe(one.ports.postgres);
});

test("after the primary was killed and the other host promoted, connections follow", async () => {
  await using pools = openPools();
  await write(pools.posting);
  await using _ = { [Symbol.asyncDispose]: serverTwo.start };
  await serverTwo.kill();
  await expect(write(pools.posting)).rejects.toThrow();
  await expect(write(pools.posting)).rejects.toThrow("No host accepts writes");
  await setReadOnly(one, false);
  await eventually(async () => (await write(pools.posting)).rowCount === 1);
  expect(await readPort(pools.reading)).toBe(one.ports.postgres);
});

test("connections to a frozen primary are cut, once the other host is promoted", async () => {
  await using pools = openPools();
  const idle = await Promise.all([pools.reading.connect(), pools.reading.connect()]);
  for (const client of idle) client.release();
  await write(pools.posting);
  await using _ = { [Symbol.asyncDispose]: serverTwo.start };
  await serverTwo.freeze();
  await setReadOnly(one, false);
  await expect(write(pools.posting)).rejects.toThrow("timeout");
  await eventually(async () => pools.reading.idleCount === 0);
  expect(await readPort(pools.reading)).toBe(one.ports.postgres);
});

test("twenty statements that fail at once make one search, with one connection to each host", async () => {
  await using pools = openPools();
  await write(pools.posting);
  using connect = spyOn(pg.Client.prototype, "connect");
  for (let failure = 0; failure < 20; failure += 1) pools.database.recheck();
  expect(connect).toHaveBeenCalledTimes(2);
  await write(pools.posting);
  expect(await readPort(pools.reading)).toBe(two.ports.postgres);
});

test("a statement on a primary that became read-only is no decline, and the next goes to the new primary", async () => {
  await using pools = openPools();
  const held = await pools.reading.connect();
  await using _ = { [Symbol.asyncDispose]: async () => held.release(true) };
  const cut = new Promise((resolve) => held.once("error", resolve));
  await write(pools.posting);
  expect(await readPort(held)).toBe(two.ports.postgres);

  await setReadOnly(two, true);
  await setReadOnly(one, false);
  const error = await eventually(() =>
    write(pools.posting).then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  );
  expect(error).toMatchObject({ code: "25006" });
  expect(classifySqlError(error)).toBe("unavailable");
  await write(pools.posting);
  expect(await readPort(pools.posting)).toBe(one.ports.postgres);
  // A strong read on the former primary would be stale.
  await cut;
  expect(await readPort(pools.reading)).toBe(one.ports.postgres);
});

test("a posting to a ledger that became read-only fails without a decline, and its retry completes", async () => {
  const ledger = await createTestLedger(DATABASE, async () => serviceUrl(two, DATABASE));
  await using _ = { [Symbol.asyncDispose]: ledger.close };
  const userId = uniqueUserId();
  await ledger.fund([userId], "1.00");

  await setReadOnly(two, true);
  const isRefused = async (operation: ReturnType<typeof deposit>) => {
    const refused = await ledger.post("read-only", [operation]).catch((error: unknown) => error);
    return refused instanceof Error && "code" in refused && refused.code === "25006";
  };
  // The server reloads its settings after its answer.
  await eventually(() => isRefused(deposit(uniqueUserId(), "2.00")));
  const operation = deposit(userId, "2.00");
  expect(await isRefused(operation)).toBe(true);
  expect(await ledger.findOperations([operation.operationId])).toEqual([]);

  await setReadOnly(two, false);
  const { outcomes } = await eventually(() => ledger.post("read-only", [operation]));
  expect(outcomes).toMatchObject([{ status: "completed" }]);
  expect(await ledger.availableMinor(userId)).toBe(300n);
});

test("a connection that breaks before its first statement fails alone, and the process lives on", async () => {
  const { Client } = createDatabase(at(address));
  const client = new Client();
  client.once("connect", () => client.cut());
  await expect(client.connect()).rejects.toThrow("Connection terminated unexpectedly");
});
