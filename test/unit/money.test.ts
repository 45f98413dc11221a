import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ACCOUNT_LIMIT_MINOR, AMOUNT_PATTERN, formatAmount, parseAmount } from "../../src/ledger/money.ts";

const border = new RegExp(AMOUNT_PATTERN);

const badAmounts = [
  ...["", " ", "-1", "+1", "1.", ".5", "1.234", "01", "00.50", "1,50", "1 000", "1e3", "0x10", "NaN", "Infinity"],
  ...["1.5 ", " 1.5", "1.5\n", "١", "1.-5", "1_000"],
];

describe("amounts", () => {
  test("every amount that an account may hold is written and read back exactly", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: ACCOUNT_LIMIT_MINOR }), (amountMinor) => {
        expect(parseAmount(formatAmount(amountMinor))).toBe(amountMinor);
      }),
    );
  });

  test("are written with two decimals, and with a minus sign only below zero", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -ACCOUNT_LIMIT_MINOR, max: ACCOUNT_LIMIT_MINOR }), (amountMinor) => {
        const text = formatAmount(amountMinor);
        expect(text).toMatch(/^-?(0|[1-9]\d*)\.\d{2}$/);
        expect(text.startsWith("-")).toBe(amountMinor < 0n);
        expect(BigInt(text.replace(".", ""))).toBe(amountMinor);
      }),
    );
  });

  test.each([
    ["0", 0n],
    ["0.01", 1n],
    ["0.1", 10n],
    ["0.10", 10n],
    ["1", 100n],
    ["1.5", 150n],
    ["150.00", 15_000n],
    ["9999999999999.99", 999_999_999_999_999n],
    ["90000000000000000.00", ACCOUNT_LIMIT_MINOR],
  ])("%p is %p minor units", (amount, amountMinor) => {
    expect(parseAmount(amount)).toBe(amountMinor);
  });

  test.each([
    [0n, "0.00"],
    [5n, "0.05"],
    [-5n, "-0.05"],
    [-150n, "-1.50"],
    [ACCOUNT_LIMIT_MINOR, "90000000000000000.00"],
  ])("%p minor units are written %p", (amountMinor, amount) => {
    expect(formatAmount(amountMinor)).toBe(amount);
  });

  test.each(badAmounts)("%p is not an amount, neither in the API nor in the ledger", (amount) => {
    expect(() => parseAmount(amount)).toThrow(RangeError);
    expect(border.test(amount)).toBe(false);
  });

  test("the API accepts exactly positive decimal strings of at most 13 digits and two decimals", () => {
    const digits = fc.bigInt({ min: 0n, max: 99_999_999_999_999n }).map(String);
    const decimals = fc.constantFrom("", ".0", ".00", ".01", ".5", ".99", ".999", ".");
    fc.assert(
      fc.property(digits, decimals, (whole, fraction) => {
        const isWellFormed = whole.length <= 13 && /^(\.\d{1,2})?$/.test(fraction);
        const isMoreThanZero = /[1-9]/.test(whole + fraction);
        expect(border.test(whole + fraction)).toBe(isWellFormed && isMoreThanZero);
      }),
      {
        examples: [
          ["0", ""],
          ["0", ".00"],
          ["0", ".01"],
          ["9999999999999", ".99"],
          ["10000000000000", ""],
        ],
      },
    );
  });

  test("every amount that the API accepts is positive in the ledger", () => {
    const amounts = fc.stringMatching(/^(0|[1-9]\d{0,12})(\.\d{1,2})?$/).filter((amount) => border.test(amount));
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(parseAmount(amount)).toBeGreaterThan(0n);
      }),
    );
  });
});
