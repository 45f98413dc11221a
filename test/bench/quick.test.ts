import { expect, test } from "bun:test";
import { join } from "node:path";
import { GROWTH } from "../../bench/measure/goals.ts";
import type { Results } from "../../bench/report/results.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";

/** Sets up a whole stack of its own. */
const TIMEOUT_MS = 600_000;

const report = join(rootDirectory, ".dev", "bench", "report");

test(
  "the quick benchmark measures every figure, and its audit finds no operation lost or doubled",
  async () => {
    const child = Bun.spawn([process.execPath, join(rootDirectory, "scripts/dev.ts"), "bench", "--quick"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = await new Response(child.stdout).text();
    expect({ code: await child.exited, output: output.slice(-2_000) }).toMatchObject({ code: 0 });

    const results: Results = await Bun.file(join(report, "results.json")).json();
    // Filling a ledger of a million entries takes too long.
    const sizes = [...GROWTH.keys()].map((entries) => `transfers, 512, ${entries.toLocaleString("en")} entries`);
    const missing = results.figures.filter(({ value }) => value === undefined || value === null);
    expect(missing.map(({ load }) => load)).toEqual(sizes);

    for (const [ledger, { findings, answered }] of Object.entries(results.audits)) {
      expect({ ledger, findings }).toEqual({ ledger, findings: [] });
      expect(answered).toBeGreaterThan(0);
    }
    expect(Object.keys(results.audits)).toEqual(["Saldo", "plain service"]);
    expect(results.audits.Saldo!.events).toBeGreaterThan(0);

    const parts = ["load", "service", "postgres", "redis", "kafka", "temporal"];
    const costs = Object.fromEntries(parts.map((part) => [part, { cpuSeconds: expect.any(Number) }]));
    for (const { usage } of results.measurements) expect(usage).toMatchObject(costs);
    const transfers = results.measurements.find((one) => one.variant === "saldo" && one.scenario === "transfers");
    expect(transfers?.audited).toMatchObject({
      toDecision: { p50: expect.any(Number) },
      toEvent: { p50: expect.any(Number) },
      entries: expect.any(Number),
      events: expect.any(Number),
    });
    for (const { variant, inside } of results.measurements) {
      const isSaldo = variant === "saldo" || variant === "ungrouped";
      if (isSaldo) expect(inside).toMatchObject({ workflowsPerSecond: expect.any(Number) });
    }

    const summary = await Bun.file(join(report, "summary.md")).text();
    for (const { load, title } of results.figures) expect(summary).toContain(`| ${load} | ${title} |`);
    expect(await Bun.file(join(report, "goals.svg")).text()).toStartWith("<svg");
    expect(await Bun.file(join(report, "throughput.svg")).text()).toStartWith("<svg");
  },
  TIMEOUT_MS,
);
