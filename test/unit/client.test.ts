import { expect, test } from "bun:test";
import { createAuthorized } from "../../client/src/authorized.ts";
import { SaldoError, SaldoUncertain } from "../../client/src/errors.ts";
import { type Answer, readBatch, readOutcome } from "../../client/src/outcomes.ts";
import { type Attempt, type Call, isRefusal, retryDelayMs, untilFinal } from "../../client/src/untilFinal.ts";

const toAnswer = (status: number, body?: unknown, retryAfter: string | null = null): Answer => ({
  status,
  retryAfter,
  body,
});
const toProblem = (status: number, code: string, operationId?: string) =>
  toAnswer(status, { status, code, title: code, retryable: status >= 500, operationId });
const completed = toAnswer(200, { status: "completed", operationId: "a" });

/** Calls with these responses in order; the last one repeats. An error is a broken connection. */
async function call(answers: (Answer | Error)[], options: Partial<Call<unknown>> = {}) {
  const attempts: (Attempt & { sentAt: number })[] = [];
  const send = async (attempt: Attempt) => {
    attempts.push({ ...attempt, sentAt: performance.now() });
    const answer = answers[Math.min(attempts.length, answers.length) - 1]!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests look into outcomes and errors of every shape
  const result: any = await untilFinal({
    ...{ keys: ["key-1"], prepare: async () => {}, send, read: readOutcome },
    ...{ waitSeconds: 5, deadlineMs: 1_000, signal: undefined },
    ...options,
  }).catch((error) => error);
  return { result, attempts, sent: attempts.length };
}

test.each([
  ["a broken connection", new TypeError("fetch failed")],
  ["a 202", toAnswer(202, { status: "pending" })],
  ["a 200 that is no operation", toAnswer(200, "<html>")],
  ["a 500", toProblem(500, "internal")],
  ["a 502 of a proxy", toAnswer(502)],
  ["a 503", toProblem(503, "outcome_unknown")],
  ["a 429", toProblem(429, "rate_limited")],
  ["a 400 without a problem document", toAnswer(400)],
])("the loop repeats after %s, up to the outcome", async (_, answer) => {
  const { result, sent } = await call([answer, answer, completed]);
  expect([result, sent]).toEqual([{ status: "completed", operation: completed.body }, 3]);
});

test.each([
  [400, "invalid_request"],
  [401, "unauthenticated"],
  [403, "insufficient_scope"],
  [415, "unsupported_media_type"],
  [422, "idempotency_payload_mismatch"],
])("the loop ends at once after %d %s; after an uncertain response it stays uncertain", async (status, code) => {
  const refusal = toProblem(status, code);
  const first = await call([refusal]);
  expect(first.result).toBeInstanceOf(SaldoError);
  expect([first.result.status, first.result.problem.code, first.sent]).toEqual([status, code, 1]);
  const later = await call([toAnswer(202, { status: "pending", operationId: "a" }), refusal]);
  expect(later.result).toBeInstanceOf(SaldoUncertain);
  expect([later.result.key, later.result.operationId, later.sent]).toEqual(["key-1", "a", 2]);
  expect(later.result.cause).toBeInstanceOf(SaldoError);
  expect(later.result.cause.problem.code).toBe(code);
});

test("a 404 of a proxy is an error at once, without a problem", async () => {
  const { result, sent } = await call([toAnswer(404, undefined)]);
  expect([result.name, result.status, result.problem, sent]).toEqual(["SaldoError", 404, undefined, 1]);
  expect([400, 408].map((status) => isRefusal(toAnswer(status)))).toEqual([false, false]);
});

test("a decline is an outcome with its code", async () => {
  const { result } = await call([toProblem(422, "insufficient_funds")]);
  expect(result).toMatchObject({ status: "declined", code: "insufficient_funds", problem: { status: 422 } });
});

test("a request asks to wait no longer than the deadline, and none is sent after it", async () => {
  const startedAt = performance.now();
  const { result, attempts } = await call([new TypeError("fetch failed")], { deadlineMs: 2_500 });
  expect(performance.now() - startedAt).toBeLessThan(2_600);
  expect(result).toBeInstanceOf(SaldoUncertain);
  expect(attempts[0]?.preferSeconds).toBe(2);
  expect(attempts.length).toBeGreaterThan(3);
  for (const { preferSeconds, sentAt } of attempts) {
    expect(sentAt + preferSeconds * 1_000).toBeLessThan(startedAt + 2_510);
  }
  const early = await call([toAnswer(503, undefined, "30")]);
  expect([early.result.name, early.sent]).toEqual(["SaldoUncertain", 1]);
});

test("a response that never comes ends with the deadline", async () => {
  const { result } = await call([], { send: () => new Promise(() => {}), deadlineMs: 50 });
  expect([result.name, result.cause.name]).toEqual(["SaldoUncertain", "TimeoutError"]);
});

test("an abort ends the pause between two requests, with its reason as the cause", async () => {
  const abort = new AbortController();
  const startedAt = performance.now();
  setTimeout(() => abort.abort("left"), 30);
  const { result, sent } = await call([toAnswer(503, undefined, "5")], { signal: abort.signal, deadlineMs: 60_000 });
  expect([result.name, result.cause, sent]).toEqual(["SaldoUncertain", "left", 1]);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test("before the first request an abort, and an error of the token, are thrown as they are", async () => {
  const aborted = await call([completed], { signal: AbortSignal.abort("left") });
  expect([aborted.result, aborted.sent]).toEqual(["left", 0]);
  const failed = await call([completed], { prepare: () => Promise.reject(new Error("no credentials")) });
  expect([failed.result.message, failed.sent]).toEqual(["no credentials", 0]);
  const stuck = await call([completed], { prepare: () => new Promise(() => {}), deadlineMs: 20 });
  expect([stuck.result.name, stuck.sent]).toEqual(["TimeoutError", 0]);
});

test("delays grow from 100 ms to 5 s, with up to half taken off, and are no shorter than Retry-After", () => {
  const delays = (random: number) => [1, 2, 3, 7, 50].map((attempt) => retryDelayMs(attempt, undefined, random));
  expect(delays(0)).toEqual([100, 200, 400, 5_000, 5_000]);
  expect(delays(1)).toEqual([50, 100, 200, 2_500, 2_500]);
  expect(retryDelayMs(1, toAnswer(503, undefined, "7"), 0)).toBe(7_000);
  expect(retryDelayMs(1, toAnswer(503, undefined, "Sun, 29 Nov 2026 12:00:00 GMT"), 0)).toBe(100);
});

test("a batch is final once every item is, and only with as many items as were sent", () => {
  const item = (status: string) => ({ status, code: "insufficient_funds", differingFields: ["amount"] });
  const batch = (status: number, ...states: string[]) => toAnswer(status, { operations: states.map(item) });
  const read = (answer: Answer) => readBatch(answer, ["a", "b"])?.map(({ key, status }) => `${key} ${status}`);
  expect(read(batch(200, "completed", "mismatched"))).toEqual(["a completed", "b mismatched"]);
  expect(read(batch(422, "declined", "declined"))).toEqual(["a declined", "b declined"]);
  const unfinished = [batch(202, "completed", "pending"), batch(200, "pending", "pending"), batch(200, "completed")];
  expect([...unfinished, toProblem(400, "invalid_request"), toAnswer(200)].map(read)).toEqual(Array(5).fill(undefined));
});

test("requests with the same refused token share the next one", async () => {
  let made = 0;
  const accepted = new Set(["token-2"]);
  const { send } = createAuthorized(
    async ({ headers }) => {
      await Bun.sleep(5);
      return new Response("", { status: accepted.has(headers.get("authorization")!.slice(7)) ? 200 : 401 });
    },
    () => `token-${++made}`,
  );
  const statuses = async () =>
    (await Promise.all([1, 2, 3].map(() => send(() => new Request("http://localhost"))))).map(({ status }) => status);
  expect([await statuses(), made]).toEqual([[200, 200, 200], 2]);
  accepted.clear();
  expect([await statuses(), made]).toEqual([[401, 401, 401], 3]);
});

test("a failed token is not kept", async () => {
  let made = 0;
  const { readToken } = createAuthorized(
    async () => new Response(),
    async () => {
      if (++made === 1) throw new Error("no credentials");
      return "token";
    },
  );
  expect(await readToken().catch(({ message }) => message)).toBe("no credentials");
  expect(await readToken()).toBe("token");
});
