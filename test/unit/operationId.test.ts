import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { deriveBatchId, deriveOperationId, deriveOwnOperationId } from "../../src/ledger/operationId.ts";

describe("the id of an operation", () => {
  test("a fixed caller and key give a fixed id: another derivation would not find stored operations", () => {
    expect(deriveOperationId("billing", "topup-2026-11-23-0001")).toBe("ba74e909-edb8-889c-abfe-18029c0278ef");
  });

  test("is the same for the same caller and key", () => {
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

  test("two pairs whose concatenation is equal are two operations", () => {
    const text = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom("a", "b", "\u0000", "\u0001") });
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (whole, one, other) => {
        const ids = [one, other].map((cut) => cut % (whole.length + 1)).map((cut) => split(whole, cut));
        expect(ids[0] === ids[1]).toBe(one % (whole.length + 1) === other % (whole.length + 1));
      }),
    );
  });

  test("is a UUID of version 8 in lower case", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (caller, key) => {
        expect(deriveOperationId(caller, key)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });
});

describe("the id of Saldo's own operation on a reservation", () => {
  const reservationId = "ba74e909-edb8-889c-abfe-18029c0278ef";

  test("a fixed reservation gives fixed ids: another derivation would settle twice", () => {
    expect(deriveOwnOperationId("expiry", reservationId)).toBe("3b05a238-8ec5-82cf-bbc2-9825efdd0865");
    expect(deriveOwnOperationId("release", reservationId)).toBe("89a9b7c5-ede0-81f4-ae95-355c366650e5");
  });

  test("differs for each reservation and each kind", () => {
    const ids = [reservationId, crypto.randomUUID()].flatMap((id) =>
      (["expiry", "release"] as const).map((kind) => deriveOwnOperationId(kind, id)),
    );
    expect(new Set(ids).size).toBe(4);
  });

  test("cannot be derived from any caller and key", () => {
    const part = fc.oneof(
      fc.constantFrom("saldo", "caller", "expiry", "release", reservationId, "", "\u0000\u0000\u0000\u0006expiry"),
      fc.string({ unit: "binary" }),
    );
    const own = (["expiry", "release"] as const).map((kind) => deriveOwnOperationId(kind, reservationId));
    fc.assert(
      fc.property(part, part, (caller, key) => {
        expect(own).not.toContain(deriveOperationId(caller, key));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the id of an atomic batch", () => {
  test("is the same for the same operations in the same order, and differs for any other", () => {
    const ids = ["a", "b", "c"];
    expect(deriveBatchId([...ids])).toBe(deriveBatchId(ids));
    const others = [["a", "c", "b"], ["a", "b"], ["a", "b", "c", "c"], ["ab", "c"], []];
    expect(new Set([ids, ...others].map(deriveBatchId)).size).toBe(6);
  });
});

function split(whole: string, cut: number): string {
  return deriveOperationId(whole.slice(0, cut), whole.slice(cut));
}
