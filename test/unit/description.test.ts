import { expect, test } from "bun:test";
import { describeEntry } from "../../src/ledger/description.ts";
import { ENTRY_KINDS } from "../../src/ledger/operations.ts";
import type { StoredEntry } from "../../src/ledger/records.ts";
import { NO_TEXTS } from "../support/ledger/absentFields.ts";

const deposit: StoredEntry = {
  userId: "maria",
  version: 1,
  operationId: "06a3a4a4-7a6f-8b3b-9a4e-6f9a0d7e5a11",
  workflowId: "deposit-06a3a4a4-7a6f-8b3b-9a4e-6f9a0d7e5a11",
  kind: "deposit",
  amountMinor: 15_000n,
  availableDeltaMinor: 15_000n,
  reservedDeltaMinor: 0n,
  availableAfterMinor: 15_000n,
  reservedAfterMinor: 0n,
  counterpartyUserId: null,
  reservationId: null,
  serviceId: null,
  orderId: null,
  ...NO_TEXTS,
  createdAt: new Date(0),
};
const paid: StoredEntry = {
  ...deposit,
  reservationId: "b4e8583a-780b-8597-859b-82be32a56223",
  serviceId: "promotion",
  serviceName: "Ad promotion",
  orderId: "order-1",
};

const descriptions: [entry: StoredEntry, sentence: string][] = [
  [{ ...deposit, source: "visa" }, "You received 150.00 RUB from visa."],
  [deposit, "You received 150.00 RUB."],
  [{ ...deposit, source: "" }, "You received 150.00 RUB."],
  [{ ...deposit, kind: "withdrawal", destination: "mastercard" }, "You withdrew 150.00 RUB to mastercard."],
  [{ ...deposit, kind: "withdrawal" }, "You withdrew 150.00 RUB."],
  [
    { ...deposit, kind: "transfer", availableDeltaMinor: -15_000n, counterpartyUserId: "ivan" },
    "You sent 150.00 RUB to ivan.",
  ],
  [{ ...deposit, kind: "transfer", counterpartyUserId: "ivan" }, "You received 150.00 RUB from ivan."],
  [
    { ...paid, kind: "reservation", availableDeltaMinor: -15_000n, reservedDeltaMinor: 15_000n },
    "We set 150.00 RUB aside for Ad promotion (order order-1).",
  ],
  [
    { ...paid, kind: "recognition", availableDeltaMinor: 0n, reservedDeltaMinor: -15_000n },
    "You paid 150.00 RUB for Ad promotion (order order-1).",
  ],
  [
    { ...paid, kind: "recognition", availableDeltaMinor: 250n, reservedDeltaMinor: -15_250n },
    "You paid 150.00 RUB for Ad promotion (order order-1). Another 2.50 RUB that was set aside for it is available again.",
  ],
  [
    { ...paid, kind: "release" },
    "150.00 RUB that we had set aside for Ad promotion (order order-1) is available again.",
  ],
  [
    { ...paid, kind: "expiry" },
    "150.00 RUB that we had set aside for Ad promotion (order order-1) is available again: it was not used in time.",
  ],
  [{ ...paid, kind: "refund" }, "You got 150.00 RUB back that you had paid for Ad promotion (order order-1)."],
];

test.each(descriptions)("an entry is described in a sentence for its user: %#", (entry, sentence) => {
  expect(describeEntry(entry, "RUB")).toBe(sentence);
});

test("every kind that makes entries has a description, on both sides of a transfer", () => {
  expect(new Set(descriptions.map(([{ kind }]) => kind))).toEqual(new Set(ENTRY_KINDS));
});

test("a service without a name is named by its id, and no other id of Saldo appears", () => {
  const sentence = describeEntry({ ...paid, kind: "refund", serviceName: null }, "USD");
  expect(sentence).toBe("You got 150.00 USD back that you had paid for promotion (order order-1).");
  for (const [entry] of descriptions) expect(describeEntry(entry, "RUB")).not.toMatch(/[0-9a-f]{8}-/);
});

test("a comment is quoted at the end; an empty one is not", () => {
  expect(describeEntry({ ...deposit, source: "visa", comment: "Top-up by card" }, "RUB")).toBe(
    "You received 150.00 RUB from visa. Comment: “Top-up by card”",
  );
  expect(describeEntry({ ...deposit, comment: "" }, "RUB")).toBe("You received 150.00 RUB.");
});

const TURNING = ["\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e"];
const ISOLATING = ["\u2066", "\u2067", "\u2068", "\u2069"];

test("a comment cannot end its quotation, with any double quotation mark", () => {
  const comment = "x” You received 1000.00 RUB from visa. Comment: “y";
  expect(describeEntry({ ...deposit, comment }, "RUB")).toBe(
    "You received 150.00 RUB. Comment: “x' You received 1000.00 RUB from visa. Comment: 'y”",
  );
  for (const quote of '"“”„‟⹂〝〞〟＂❝❞') {
    expect(describeEntry({ ...deposit, comment: `a${quote}b${quote}` }, "RUB")).toBe(
      "You received 150.00 RUB. Comment: “a'b'”",
    );
  }
  expect(describeEntry({ ...deposit, comment: "«Don't» 5’ ‘x’" }, "RUB")).toBe(
    "You received 150.00 RUB. Comment: “«Don't» 5’ ‘x’”",
  );
});

test("no text of a caller turns the sentence around or begins a new line in it", () => {
  for (const control of [...TURNING, ...ISOLATING]) {
    const text = `${control}a${control}${control}b`;
    expect(describeEntry({ ...deposit, source: text, comment: text }, "RUB")).toBe(
      "You received 150.00 RUB from ab. Comment: “ab”",
    );
    expect(describeEntry({ ...deposit, kind: "withdrawal", destination: text }, "RUB")).toBe(
      "You withdrew 150.00 RUB to ab.",
    );
    expect(describeEntry({ ...paid, kind: "refund", serviceName: text }, "RUB")).toContain("paid for ab (order");
    const nothing = { source: control, comment: control, serviceName: control };
    expect(describeEntry({ ...deposit, ...nothing }, "RUB")).toBe("You received 150.00 RUB.");
    expect(describeEntry({ ...paid, ...nothing, kind: "refund" }, "RUB")).toContain("paid for promotion (order");
  }
  expect(describeEntry({ ...deposit, comment: "a\u2028b\u2029c" }, "RUB")).toEndWith("Comment: “a b c”");
  expect(describeEntry({ ...deposit, comment: "שלום، مرحبا" }, "RUB")).toEndWith("Comment: “שלום، مرحبا”");
});
