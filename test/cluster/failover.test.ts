import { afterAll, expect, test } from "bun:test";
import { stack } from "../support/api/client.ts";
import { createFleet } from "../support/chaos/fleet.ts";
import { planShort, SHORT_CLIENTS } from "../support/chaos/plan.ts";
import { KINDS } from "../support/chaos/requests.ts";
import { runChaos } from "../support/chaos/run.ts";

const fleet = createFleet(stack, "cluster");

afterAll(fleet.restore, 90_000);

test("after failovers of each store under a mixed load every answered operation is there once", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  print(`seed ${seed}`);
  const phases = planShort(seed, ["cluster"]);
  const { signal } = new AbortController();
  const chaos = await runChaos({ stack, fleet, seed, clientCount: SHORT_CLIENTS, phases, print, signal });
  expect(chaos.findings).toEqual([]);
  expect(new Set(chaos.record.kinds.keys())).toEqual(new Set(KINDS));
}, 300_000);
