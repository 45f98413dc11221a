import { expect, test } from "bun:test";
import { assertConnected } from "../../src/api/http/connection.ts";

test("a request whose signal aborts in the same turn of the event loop is refused", async () => {
  const connection = new AbortController();
  const checked = assertConnected(connection);
  await Promise.resolve();
  connection.abort();
  await expect(checked).rejects.toMatchObject({ code: "invalid_request" });
});

test("a request whose connection is open is not refused", async () => {
  await assertConnected(new AbortController());
});
