import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findConnectionFault } from "../../src/lib/connections.ts";
import { usesTls } from "../../src/lib/tls.ts";
import { createDatabase } from "../../src/postgres/database.ts";

const folder = mkdtempSync(join(tmpdir(), "saldo-address-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["", false],
  ["?sslmode=disable", false],
  ["?target_session_attrs=read-write&sslmode=verify-full", true],
  ["?sslmode=require", undefined],
  ["?sslmode=", undefined],
  ["?sslmode=verify-full&ssl=0", undefined],
  ["?sslmode=verify-full&sslcert=file", undefined],
])("an address of PostgreSQL with %j uses TLS: %p", (query, expected) => {
  expect(usesTls(`postgres://user:secret@db/saldo${query}`)).toBe(expected);
});

test.each([
  ["?sslmode=verify-full", "", "must keep sslmode=verify-full"],
  ["?sslmode=verify-full", "?sslmode=disable", "must keep sslmode=verify-full"],
  ["?sslmode=verify-full", "?sslmode=require", "must have sslmode=verify-full or disable"],
  ["", "?sslmode=prefer", "must have sslmode=verify-full or disable"],
])("an address rotated from %j to %j opens no connection", async (before, after, reason) => {
  let connections = 0;
  await using server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const base = `postgres://user:secret@127.0.0.1:${address && typeof address === "object" && address.port}/saldo`;
  const file = join(folder, "address");
  writeFileSync(file, base + after);
  const { Client } = createDatabase({ url: { variable: "DATABASE_URL", value: base + before, file }, tls: {} });
  const error = await new Client().connect().catch((reason: unknown) => reason);
  expect(error).toEqual(new Error(`DATABASE_URL: ${reason}`));
  expect(findConnectionFault("X", { ca: "", address: "", cert: "", login: "" }, error)).toEqual({
    variable: "DATABASE_URL",
    reason,
  });
  expect(connections).toBe(0);
});
