import { type Answer, apiUrl, get, post } from "../api/client.ts";
import { readLedger } from "../audit/stackAudit.ts";
import { eventually } from "../waiting.ts";
import type { Attempt } from "./callers.ts";

/**
 * Above Temporal's 10 s and the backoff of a post. After 10 s Temporal reassigns a workflow task of a killed worker.
 */
const RECOVERED_WITHIN_MS = 60_000;
const RETRIES_AT_ONCE = 16;

/**
 * Repeats each request with its key until it succeeds.
 *
 * An acknowledged request must be a replay with the same answer, and the money must move exactly once per request.
 * @returns the violations
 */
export async function findLost(attempts: readonly Attempt[], origin = apiUrl): Promise<string[]> {
  const findings: string[] = [];
  const left = [...attempts];
  const retryOne = async (attempt: Attempt) => {
    const { path, body, key, answer } = attempt;
    const again = await eventually(async () => {
      const retried = await post(path, body, { key, wait: 20, origin });
      if (retried.status !== 200) throw new Error(`${path} is answered ${retried.status} ${retried.body?.code}`);
      return retried;
    }, RECOVERED_WITHIN_MS);
    findings.push(...contradictions(answer, again).map((contradiction) => `${path} ${key} ${contradiction}`));
  };
  await Promise.all(
    Array.from({ length: RETRIES_AT_ONCE }, async () => {
      for (let next = left.pop(); next; next = left.pop()) await retryOne(next);
    }),
  );
  for (const userId of new Set(attempts.map((attempt) => attempt.userId))) {
    const expected = expectedOf(attempts.filter((attempt) => attempt.userId === userId));
    const { available, reserved, version } = (await get(`/v1/users/${userId}/balance?consistency=strong`, { origin }))
      .body;
    const found = `${available} + ${reserved}, version ${version}`;
    if (found !== expected) findings.push(`${userId} has ${found} instead of ${expected}`);
  }
  return findings;
}

/**
 * A retry of an accepted request must be the same operation. A retry of an acknowledged one must be a replay with the
 * same body.
 */
function contradictions(first: Answer | undefined, again: Answer): string[] {
  if (first?.status !== 200 && first?.status !== 202) return [];
  const isReplayed = again.headers.get("idempotency-replayed") === "true";
  return [
    ...(again.body.operationId === first.body.operationId ? [] : ["is another operation when repeated"]),
    ...(first.status === 200 && !isReplayed ? ["was acknowledged, and is no replay when repeated"] : []),
    ...(first.status === 200 && !Bun.deepEquals(again.body, first.body) ? ["is answered otherwise when repeated"] : []),
  ];
}

function expectedOf(attempts: readonly Attempt[]): string {
  const sumOf = (path: string) =>
    attempts.filter((attempt) => attempt.path === path).reduce((sum, { body }) => sum + Number(body.amount), 0);
  const reserved = sumOf("/v1/reservations");
  return `${sumOf("/v1/deposits") - reserved}.00 + ${reserved}.00, version ${attempts.length}`;
}

export const usersOf = (attempts: readonly Attempt[]): string[] => [...new Set(attempts.map(({ userId }) => userId))];

/** How many of these requests are in the ledger. */
export async function countStored(attempts: readonly Attempt[]): Promise<number> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query(
      "select count(*)::int as count from operations where idempotency_key = any ($1)",
      [attempts.map(({ key }) => key)],
    );
    return rows[0].count;
  });
}

/** Number of outbox rows, of all carriers or of these. */
export async function countOutbox(workflowIds?: readonly string[]): Promise<number> {
  return await readLedger(async (owner) => {
    const { rows } = await owner.query(
      "select count(*)::int as count from outbox where $1::text[] is null or workflow_id = any ($1)",
      [workflowIds ?? null],
    );
    return rows[0].count;
  });
}
