import { afterAll, expect, test } from "bun:test";
import type { PartName } from "../../scripts/stack/stack.ts";
import { get } from "../support/api/client.ts";
import { restoreStack, withOutage } from "../support/stack/outages.ts";
import { eventually } from "../support/waiting.ts";

const WELL = { postgres: "up", redis: "up", temporal: "up" };

afterAll(restoreStack);

test.each<PartName>(["postgres", "redis", "temporal"])(
  "/readyz answers while %s is frozen, and names it",
  async (part) => {
    await withOutage(part, "frozen", async () => {
      expect(await get("/readyz")).toMatchObject({
        status: 200,
        body: { status: "ready", parts: { ...WELL, [part]: "down" } },
      });
      expect((await get("/healthz")).status).toBe(200);
    });
    await eventually(async () => Bun.deepEquals((await get("/readyz")).body.parts, WELL), 20_000);
  },
);
