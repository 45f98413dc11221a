import { afterAll, expect, test } from "bun:test";
import type { PartName } from "../../scripts/stack/stack.ts";
import { get } from "../support/api/client.ts";
import { restoreStack, withOutage } from "../support/stack/outages.ts";
import { eventually } from "../support/waiting.ts";

const WELL = { postgres: "up", redis: "up", temporal: "up", kafka: "up" };

afterAll(restoreStack);

test.each<PartName>(["postgres", "redis", "temporal", "kafka"])(
  "/readyz answers while %s is frozen, and names it",
  async (part) => {
    await withOutage(part, "frozen", async () => {
      const expected = { status: "ready", parts: { ...WELL, [part]: "down" } };
      // Probes within five seconds share one check of Kafka.
      await eventually(async () => Bun.deepEquals((await get("/readyz")).body, expected), 30_000);
      expect((await get("/readyz")).status).toBe(200);
      expect((await get("/healthz")).status).toBe(200);
    });
    await eventually(async () => Bun.deepEquals((await get("/readyz")).body.parts, WELL), 20_000);
  },
);
