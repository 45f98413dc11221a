import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { deriveOperationId } from "../../src/ledger/operationId.ts";

describe("the id of an operation", () => {
  test("a known caller and key give the known id: a changed derivation would forget every stored operation", () => {
    expect(deriveOperationId("billing", "topup-2026-11-23-0001")).toBe("ba74e909-edb8-889c-abfe-18029c0278ef");
  });

  test("the same caller and key are the same operation", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (caller, key) => {
        expect(deriveOperationId(caller, key)).toBe(deriveOperationId(caller, key));
      }),
    );
  });

  test.each([
    [
      ["ab", "c"],
      ["a", "bc"],
    ],
    [
      ["a", ""],
      ["", "a"],
    ],
    [
      ["a:b", "c"],
      ["a", "b:c"],
    ],
    [
      ["a", "b"],
      ["b", "a"],
    ],
    [
      ["Bob", "1"],
      ["bob", "1"],
    ],
    [
      ["bob", "1"],
      ["bob", "1 "],
    ],
    [
      ["ä", "1"],
      ["a\u0308", "1"],
    ],
  ])("%p is not %p", ([leftCaller, leftKey], [rightCaller, rightKey]) => {
    expect(deriveOperationId(leftCaller!, leftKey!)).not.toBe(deriveOperationId(rightCaller!, rightKey!));
  });

  test("two pairs that run together to the same text are two operations", () => {
    const text = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom("a", "b", "\u0000", "\u0001") });
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (whole, one, other) => {
        const ids = [one, other].map((cut) => cut % (whole.length + 1)).map((cut) => split(whole, cut));
        expect(ids[0] === ids[1]).toBe(one % (whole.length + 1) === other % (whole.length + 1));
      }),
    );
  });

  test("an id is a UUID of version 8 in lower case", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (caller, key) => {
        expect(deriveOperationId(caller, key)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });
});

function split(whole: string, cut: number): string {
  return deriveOperationId(whole.slice(0, cut), whole.slice(cut));
}
