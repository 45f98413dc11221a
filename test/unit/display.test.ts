import { describe, expect, test } from "bun:test";
import { DECLINE_CODES, type Outcome } from "../../src/ledger/operations.ts";
import { carrierId } from "../../src/workflows/contract.ts";
import { searchAttributes, summarize, summarizeOutcomes } from "../../src/workflows/display.ts";
import { deposit, transfer, withdrawal } from "../support/operations.ts";

const SUMMARY_BYTES_MAX = 400;
const longestId = (end: string) => end.padStart(64, "W");
const largestAmount = "9999999999999.99";
const balance = { available: "1.00", reserved: "0.00", version: 1 };

function completed(operationId: string): Outcome {
  return { operationId, status: "completed", balance };
}

describe("what an operator reads in the Temporal Web UI", () => {
  test("a lone operation is told in a sentence", () => {
    expect(summarize([deposit("alice", "150.00")], "RUB")).toBe("Deposit 150.00 RUB → alice");
    expect(summarize([withdrawal("alice", "150.00")], "RUB")).toBe("Withdrawal 150.00 RUB ← alice");
    expect(summarize([transfer("alice", "bob", "150.00")], "RUB")).toBe("Transfer 150.00 RUB alice → bob");
  });

  test("several operations are told by how many there are of each kind", () => {
    const operations = [
      deposit("a", "1.00"),
      transfer("a", "b", "1.00"),
      deposit("b", "1.00"),
      withdrawal("b", "1.00"),
    ];
    expect(summarize(operations, "RUB")).toBe("4 operations: 2 deposit, 1 transfer, 1 withdrawal");
  });

  test("no summary is longer than 400 bytes, with the longest ids and the fullest carrier", () => {
    const longest = [
      deposit(longestId("a"), largestAmount),
      withdrawal(longestId("a"), largestAmount),
      transfer(longestId("a"), longestId("b"), largestAmount),
    ];
    const full = Array.from({ length: 1_000 }, (_, index) => longest[index % 3]!);
    for (const operations of [...longest.map((operation) => [operation]), full]) {
      expect(Buffer.byteLength(summarize(operations, "RUB"))).toBeLessThanOrEqual(SUMMARY_BYTES_MAX);
    }
  });

  test("a lone outcome is told with its reason, several by how many there are of each", () => {
    const declined: Outcome = { operationId: "2", status: "declined", code: "insufficient_funds" };
    const mismatched: Outcome = { operationId: "3", status: "mismatched", differingFields: ["amount"] };
    expect(summarizeOutcomes([completed("1")])).toBe("Completed");
    expect(summarizeOutcomes([declined])).toBe("Declined: insufficient_funds");
    expect(summarizeOutcomes([mismatched])).toBe("Not recorded: its key stands for another request");
    expect(summarizeOutcomes([completed("1"), declined, completed("4")])).toBe(
      "2 completed, 1 declined: insufficient_funds",
    );
  });

  test("outcomes of every kind at once stay below 400 bytes", () => {
    const everyDecline = DECLINE_CODES.map((code): Outcome => ({ operationId: code, status: "declined", code }));
    const outcomes = Array.from({ length: 200 }, () => [
      completed("1"),
      ...everyDecline,
      { operationId: "3", status: "mismatched", differingFields: [] } satisfies Outcome,
    ]).flat();
    expect(Buffer.byteLength(summarizeOutcomes(outcomes))).toBeLessThanOrEqual(SUMMARY_BYTES_MAX);
  });
});

describe("what a carrier is found by", () => {
  test("its kinds and its users, each once", () => {
    const operations = [transfer("a", "b", "1.00"), transfer("b", "a", "1.00"), deposit("a", "1.00")];
    expect(values(searchAttributes(operations))).toEqual({
      OperationKind: ["transfer", "deposit"],
      UserId: ["a", "b"],
    });
  });

  test("20 users are named, 21 are left out, the kinds never", () => {
    const deposits = Array.from({ length: 21 }, (_, index) => deposit(`user-${index}`, "1.00"));
    expect(values(searchAttributes(deposits.slice(0, 20))).UserId).toHaveLength(20);
    expect(values(searchAttributes(deposits))).toEqual({ OperationKind: ["deposit"] });
  });

  test("the id of a lone operation's carrier names the operation, a shared one's is its own", () => {
    const [one, other] = [deposit("a", "1.00"), transfer("a", "b", "1.00")];
    expect(carrierId([one], () => "unique")).toBe(`deposit-${one.operationId}`);
    expect(carrierId([other], () => "unique")).toBe(`transfer-${other.operationId}`);
    expect(carrierId([one, other], () => "unique")).toBe("carrier-unique");
  });
});

function values(attributes: ReturnType<typeof searchAttributes>): Record<string, string[]> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key.name, value]));
}
