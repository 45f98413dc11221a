import { expect, test } from "bun:test";
import { apiUrl, isMany } from "../support/api/client.ts";

test("health needs no token", async () => {
  const alive = await fetch(`${apiUrl}/healthz`);
  expect([alive.status, await alive.json()]).toEqual([200, { status: "alive" }]);
  const ready = await fetch(`${apiUrl}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    // An API alone does not need Kafka.
    { status: "ready", parts: { postgres: "up", redis: "up", temporal: "up", ...(!isMany && { kafka: "up" }) } },
  ]);
});
