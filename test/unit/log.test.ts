import { expect, test } from "bun:test";
import { describeError } from "../../src/observability/log.ts";

const WRITTEN = "what a user wrote";

test("of an error the log says what kind it is, where, and why, and nothing else that it carries", () => {
  const refused = Object.assign(new Error('new row violates check constraint "entries_amount_minor_check"'), {
    ...{ code: "23514", table: "operations", constraint: "operations_check" },
    ...{ detail: `Failing row contains (${WRITTEN})`, where: WRITTEN, value: WRITTEN, query: WRITTEN },
  });
  const said = describeError(new Error("The post failed", { cause: refused }));
  expect(said).toMatchObject({
    type: "Error",
    message: "The post failed",
    stack: expect.any(String),
    cause: { message: refused.message, code: "23514", table: "operations", constraint: "operations_check" },
  });
  expect(JSON.stringify(said)).not.toContain(WRITTEN);
});

test("what was thrown and is no error is said all the same", () => {
  expect(describeError("away")).toEqual({ message: "away" });
});
