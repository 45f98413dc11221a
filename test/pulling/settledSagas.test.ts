import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { reserve, settle } from "../support/api/reservations.ts";
import { restoreStack } from "../support/stack/outages.ts";
import { openWebUi, type WebUi } from "../support/temporal/webUi.ts";
import { eventually } from "../support/waiting.ts";

/** The carriers of a window signal the sagas one after the other. */
const ENDED_WITHIN_MS = 90_000;

let webUi: WebUi;
let logLength: number;

// The first publication of a process is the slowest. It coincides with sagas and settlements here.
beforeAll(async () => {
  webUi = await openWebUi();
  await stack.stop("saldo");
  logLength = statSync(stack.site.logFile("saldo")).size;
  await stack.start("saldo");
}, 60_000);

afterAll(async () => {
  await restoreStack();
  await webUi.close();
});

describe.each([
  { connections: 32, orders: 8 },
  { connections: 1, orders: 30 },
])("Orders that $connections connections reserve and recognize at once", ({ connections, orders }) => {
  test("leave no saga open, and no saga without its signal", async () => {
    const users = await Promise.all(Array.from({ length: connections }, () => userWith("100.00")));
    const sagas = new Set<string>();
    await Promise.all(
      users.map(async (userId) => {
        for (let order = 0; order < orders; order += 1) {
          const { reservationId, workflowId } = await reserve(userId, "1.00");
          sagas.add(workflowId);
          await settle(reservationId, "recognitions");
        }
      }),
    );
    const findOpen = async () => {
      const states = await Promise.all(
        [...sagas].map(async (id) => ((await webUi.status(id)) === "COMPLETED" ? [] : [id])),
      );
      return states.flat();
    };
    await eventually(async () => (await findOpen()).length === 0, ENDED_WITHIN_MS).catch(() => {});
    expect(await findOpen()).toEqual([]);
    const log = await Bun.file(stack.site.logFile("saldo")).slice(logLength).text();
    expect(log.split("\n").filter((line) => /every saga|sagas to signal|not found/i.test(line))).toEqual([]);
  });
});
