import { describe, expect, test } from "bun:test";
import { isRetryable, PROBLEMS, Problem, type ProblemCode, toProblemResponse } from "../../src/api/http/problems.ts";
import { DECLINE_CODES } from "../../src/ledger/operations.ts";

const codes = Object.keys(PROBLEMS) as ProblemCode[];
const codesOf = (status: number) => codes.filter((code) => PROBLEMS[code].status === status);

describe("problems", () => {
  test.each(DECLINE_CODES.map((code) => [code]))("the decline %s is answered 422", (code) => {
    expect(PROBLEMS[code].status).toBe(422);
  });

  test("of the codes that are answered 422 only the mismatch is not a decline", () => {
    expect(new Set(codesOf(422))).toEqual(new Set([...DECLINE_CODES, "idempotency_payload_mismatch"]));
  });

  test.each(codes.map((code) => [code]))("%s is answered with the members of RFC 9457 and its code", async (code) => {
    const response = toProblemResponse(new Problem(code, { detail: "Because." }), "/v1/deposits");
    expect(response.status).toBe(PROBLEMS[code].status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: `urn:saldo:problem:${code}`,
      title: PROBLEMS[code].title,
      status: PROBLEMS[code].status,
      detail: "Because.",
      instance: "/v1/deposits",
      code,
      retryable: isRetryable(code),
    });
  });

  test("only codes that end by themselves or leave the outcome unknown are retryable", () => {
    expect(codes.filter(isRetryable)).toEqual([
      "rate_limited",
      "internal",
      "backpressure",
      "temporal_unavailable",
      "ledger_unavailable",
      "outcome_unknown",
    ]);
  });

  test("further members of a problem are returned too", async () => {
    const extensions = {
      operationId: "operation",
      workflowId: "workflow",
      differingFields: ["amount"],
      errors: [{ field: "amount", message: "is required" }],
    };
    const response = toProblemResponse(new Problem("invalid_request", { extensions }), "/");
    expect(await response.json()).toMatchObject(extensions);
  });

  test("the cause, which may hold SQL or a driver's message, is never returned", async () => {
    const problem = new Problem("internal", { cause: new Error("select secret from accounts") });
    expect(await toProblemResponse(problem, "/").text()).not.toContain("secret");
  });

  test.each(codes.map((code) => [code]))(
    "%s has Retry-After for 503 and 429, WWW-Authenticate for 401, and Accept-Post for 415",
    (code) => {
      const { headers } = toProblemResponse(new Problem(code), "/");
      const { status } = PROBLEMS[code];
      expect(Number(headers.get("retry-after")) >= 1).toBe(status === 503 || status === 429);
      expect(headers.get("www-authenticate")?.startsWith("Bearer") ?? false).toBe(status === 401);
      expect([headers.get("accept-post"), headers.get("accept-encoding")]).toEqual(
        status === 415 ? ["application/json", "identity"] : [null, null],
      );
    },
  );

  test("Retry-After of a 503 is spread around its time, and that of a 429 is exact", () => {
    const sent = (code: ProblemCode, retryAfterSeconds?: number) =>
      Array.from({ length: 500 }, () => {
        const { headers } = toProblemResponse(new Problem(code, { retryAfterSeconds }), "/");
        return Number(headers.get("retry-after"));
      });
    const whole = (from: number, to: number) =>
      new Set(Array.from({ length: to - from + 1 }, (_, index) => from + index));
    expect(new Set(sent("backpressure", 1))).toEqual(whole(1, 2));
    expect(new Set(sent("ledger_unavailable"))).toEqual(whole(2, 3));
    expect(new Set(sent("backpressure", 8))).toEqual(whole(5, 12));
    expect(new Set(sent("rate_limited", 8))).toEqual(new Set([8]));
  });

  test("the headers of a problem are sent with it", () => {
    const problem = new Problem("insufficient_funds", { headers: { "idempotency-replayed": "true" } });
    expect(toProblemResponse(problem, "/").headers.get("idempotency-replayed")).toBe("true");
  });
});
