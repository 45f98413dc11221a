import { expect, test } from "bun:test";
import { levelOf } from "../../src/lib/harmlessMessages.ts";

const read = (path: string) => Bun.file(new URL(`../../node_modules/@temporalio/${path}`, import.meta.url)).bytes();

test("harmless messages of Temporal's SDK are debug, and any other keeps its level", () => {
  const wft = "Trying to send a new WFT for a run which already has one!";
  expect([levelOf("error", wft), levelOf("warn", "No workflows registered, not polling for workflow tasks")]).toEqual([
    "debug",
    "debug",
  ]);
  expect([levelOf("error", "Trying to send"), levelOf("warn", `First: ${wft}`)]).toEqual(["error", "warn"]);
});

test("the installed SDK has each harmless message", async () => {
  const library = Buffer.from(await read("core-bridge/releases/x86_64-unknown-linux-gnu/index.node"));
  const worker = Buffer.from(await read("worker/lib/worker.js"));
  const thread = Buffer.from(await read("worker/lib/workflow/vm-shared.js"));
  expect(library.includes("Trying to send a new WFT for a run which already has one!")).toBe(true);
  expect(worker.includes("No workflows registered, not polling for workflow tasks")).toBe(true);
  expect(thread.includes("v8.promiseHooks.createHook is not available")).toBe(true);
});
