import { expect, test } from "bun:test";
import { describeError } from "../../src/observability/log.ts";

const WRITTEN = "what a user wrote";

test("an error is logged with type, place and cause, and without any other property", () => {
  const refused = Object.assign(new Error('new row violates check constraint "entries_amount_minor_check"'), {
    ...{ code: "23514", table: "operations", constraint: "operations_check" },
    ...{ detail: `Failing row contains (${WRITTEN})`, where: WRITTEN, value: WRITTEN, query: WRITTEN },
  });
  const logged = describeError(new Error("The post failed", { cause: refused }));
  expect(logged).toMatchObject({
    type: "Error",
    message: "The post failed",
    stack: expect.any(String),
    cause: { message: refused.message, code: "23514", table: "operations", constraint: "operations_check" },
  });
  expect(JSON.stringify(logged)).not.toContain(WRITTEN);
});

test("a thrown value that is not an Error is logged too", () => {
  expect(describeError("away")).toEqual({ message: "away" });
});
