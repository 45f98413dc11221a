import { expect } from "bun:test";
import { isRetryable, PROBLEMS, type ProblemCode } from "../../../src/api/http/problems.ts";
import type { Answer } from "./client.ts";

/** Traces of the implementation: a stack trace, a file, SQL, a driver's message. */
const INSIDE = /\bat \S+ \(|node_modules|\.ts\b|select |insert |unnest|SQLSTATE|ECONN|ioredis|kafkajs|gRPC|\bpg\b/;

/** Expects exactly the RFC 9457 problem of this code. `members` are those that not every problem has. */
export function expectProblem(
  answer: Answer,
  code: ProblemCode,
  instance: string,
  members: Record<string, unknown> = {},
): void {
  const { detail, ...body } = answer.body;
  expect(body).toEqual({
    type: `urn:saldo:problem:${code}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    instance,
    code,
    retryable: isRetryable(code),
    ...members,
  });
  expect(["string", "undefined"]).toContain(typeof detail);
  expect(answer.status).toBe(PROBLEMS[code].status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(JSON.stringify(answer.body)).not.toMatch(INSIDE);
}
