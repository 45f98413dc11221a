import { afterEach, expect, test } from "bun:test";
import { pino } from "pino";
import { describeError } from "../../src/observability/log.ts";
import { captureConsole } from "../../src/observability/processOutput.ts";

const original = { ...console };
afterEach(() => void Object.assign(console, original));

test("a captured line has its placeholders filled, and an error's stack without its other fields", () => {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  captureConsole(pino({ serializers: { err: describeError } }, { write }));
  console.warn("%s waits for %d", "one", 2, "others");
  console.error("failed:", Object.assign(new Error("away"), { detail: "a user's text" }));
  console.info("Trying to send a new WFT for a run which already has one!");
  Object.assign(console, original);
  const [filled, failed, ...others] = lines;
  expect(filled).toMatchObject({ level: 40, msg: "one waits for 2 others" });
  expect(filled).not.toHaveProperty("err");
  const err = { message: "away", stack: expect.stringContaining("capturedConsole.test.ts") };
  expect(failed).toMatchObject({ level: 50, msg: "failed: Error: away", err });
  expect(JSON.stringify(failed)).not.toContain("a user's text");
  // Harmless, so below the level of this log.
  expect(others).toEqual([]);
});
