import { expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { createDatabase } from "../../src/postgres/database.ts";
import { createPool } from "../../src/postgres/pool.ts";
import { closePool } from "../../src/postgres/pools.ts";
import { at } from "../support/stack/settings.ts";

/** AuthenticationOk and ReadyForQuery of PostgreSQL's protocol. */
const READY = Buffer.from([...[0x52, 0, 0, 0, 8, 0, 0, 0, 0], ...[0x5a, 0, 0, 0, 5, 0x49]]);

test("a pool closes although a COMMIT is never answered, and its connection is cut", async () => {
  // It accepts the login, and answers no statement.
  const sockets: Socket[] = [];
  await using server = createServer((socket) => {
    sockets.push(socket);
    socket.once("data", () => socket.write(READY));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = address && typeof address === "object" && address.port;
  const pool = createPool(createDatabase(at(`postgres://user@127.0.0.1:${port}/saldo`)), "closing", 1);
  const client = await pool.connect();
  const commit = { text: "commit", query_timeout: 3_600_000 };
  const committed = client.query(commit).then(
    () => "committed",
    () => client.release(true),
  );
  const cut = new Promise((resolve) => sockets[0]!.once("close", resolve));
  await closePool(pool);
  await cut;
  expect(await committed).toBeUndefined();
  expect(pool.totalCount).toBe(0);
});
