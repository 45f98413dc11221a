import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../api/client.ts";
import type { Meter } from "./meter.ts";
import { createRandom } from "./random.ts";
import type { ClientsRecord } from "./record.ts";
import { type ClientRequest, createRequests, type Mix } from "./requests.ts";

/** `Prefer: wait` of each request. After TIMEOUT_MS a client repeats the request at another process. */
const WAIT_SECONDS = 2;
const TIMEOUT_MS = 4_000;
/** Maximum pause between two requests of a client. The machine should be busy, not saturated. */
const THINK_MS_MAX = 160;
/** Upper bound on the pause that Retry-After asks for. */
const PAUSE_MS_MAX = 1_000;
/** Probability that a client gives up after an attempt, as if it had crashed. */
const GIVE_UP = 0.03;

/** Enough for an hour of transfers. Other operations are declined often enough. */
const OPENING = "1000.00";

/** Deadline for final answers once everything is up. Requests without one are repeated before the verification. */
const LAST_ANSWERS_MS = 120_000;

const DECLINES = 422;

export type Clients = ReturnType<typeof startClients>;

export type ClientsOptions = {
  count: number;
  seed: number;
  users: readonly string[];
  token: string;
  /** Current addresses of the service's processes. */
  origins(): readonly string[];
  record: ClientsRecord;
  meter: Meter;
};

/**
 * Clients that retry correctly, with the same key until the answer is final.
 *
 * Each sends one request at a time, at the processes in turn. Some give up on the way. Between requests they read
 * balances.
 */
export function startClients({ count, seed, users, token, origins, record, meter }: ClientsOptions) {
  const random = createRandom(seed);
  const requests = createRequests(users, random);
  const over = new AbortController();
  let lastAnswersAtMs = Number.POSITIVE_INFINITY;
  let mix: Mix = "everything";
  let turn = 0;

  async function live(client: number): Promise<void> {
    for (const [index, userId] of users.entries()) if (index % count === client) await open(userId);
    for (let number = 1; !over.signal.aborted; number += 1) {
      await settle(requests.invent(`${client}-${number}`, mix));
      if (mix === "transfers") continue;
      if (random.chance(0.2)) await read(random.oneOf(users)!);
      await sleep(random.below(THINK_MS_MAX));
    }
  }

  async function open(userId: string): Promise<void> {
    const body = { userId, amount: OPENING };
    await settle({ path: "/v1/deposits", body, keys: [`opening-${userId}`], isBatch: false });
  }

  async function settle(request: ClientRequest): Promise<void> {
    record.noteRequest();
    let wasAccepted = false;
    for (let attempt = 1; ; attempt += 1) {
      // Some do not wait at first, and read the outcome later.
      const answer = await ask(request, attempt > 1 || random.chance(0.85));
      const outcomes = answer && outcomesOf(request, answer);
      if (answer && outcomes) {
        record.noteAnswer(request, answer, outcomes);
        meter.count(outcomes.length);
        for (const operation of answer.body.operations ?? [answer.body]) requests.remember(operation);
        return;
      }
      wasAccepted ||= answer?.status === 202;
      if (random.chance(GIVE_UP) || performance.now() > lastAnswersAtMs)
        return record.noteUnanswered({ request, wasAccepted });
      if (answer?.status !== 202) await sleep(pauseMs(answer));
    }
  }

  /** @returns undefined where there was no answer */
  async function ask(request: ClientRequest, isWaiting: boolean): Promise<Answer | undefined> {
    record.noteAttempt();
    try {
      const answer = await send(request, isWaiting);
      const { status, body } = answer;
      if (status === 202) record.noteError(isWaiting ? "202 despite Prefer: wait" : "202");
      if (status === 503) record.noteError(`503 ${body.code}`);
      const isExpected = [200, 202, 503].includes(status) || (status === DECLINES && isDecline(body.code));
      if (!isExpected) record.noteUnexpected(`${request.path} was answered ${status}: ${JSON.stringify(body)}`);
      return answer;
    } catch (error) {
      record.noteError(nameError(error));
      return undefined;
    }
  }

  async function send({ path, body, keys, isBatch }: ClientRequest, isWaiting: boolean): Promise<Answer> {
    const response = await fetch(`${nextOrigin()}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        ...(!isBatch && { "idempotency-key": keys[0]! }),
        prefer: isWaiting ? `wait=${WAIT_SECONDS}` : "respond-async",
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  async function read(userId: string): Promise<void> {
    try {
      const response = await fetch(`${nextOrigin()}/v1/users/${userId}/balance`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status === 200) record.noteRead(userId, await response.json());
      // Before its first deposit an account cannot be read.
      else if (response.status !== 404) record.noteError(`reading: ${response.status}`);
    } catch (error) {
      record.noteError(`reading: ${nameError(error)}`);
    }
  }

  function nextOrigin(): string {
    turn += 1;
    const all = origins();
    return all[turn % all.length]!;
  }

  const lives = Array.from({ length: count }, (_, client) => live(client));
  return {
    /** Sets the mix of the next requests. */
    setMix(next: Mix): void {
      mix = next;
    },
    ask: (request: ClientRequest): Promise<Answer | undefined> => ask(request, true),
    /** Resolves once each client has its last answer or has given up. */
    async stop(): Promise<void> {
      over.abort();
      lastAnswersAtMs = performance.now() + LAST_ANSWERS_MS;
      await Promise.all(lives);
    },
  };
}

/** For each key `completed` or its decline code; undefined where the answer is not final. */
export function outcomesOf({ isBatch }: ClientRequest, { status, body }: Answer): string[] | undefined {
  if (status !== 200 && status !== DECLINES) return undefined;
  if (!isBatch) return status === 200 ? ["completed"] : isDecline(body.code) ? [body.code] : undefined;
  const operations: { status: string; code?: string }[] = body.operations ?? [];
  const outcomes = operations.map((one) => (one.status === "completed" ? one.status : one.code));
  return outcomes.length > 0 && outcomes.every((outcome) => outcome !== undefined) ? outcomes : undefined;
}

/** A key mismatch is not a decline here. Clients never reuse a key, so it would be an error of the service. */
function isDecline(code: string): boolean {
  return code !== "idempotency_payload_mismatch";
}

function pauseMs(answer: Answer | undefined): number {
  const seconds = Number(answer?.headers.get("retry-after") ?? 0.2);
  return Math.min(PAUSE_MS_MAX, seconds * 1_000);
}

function nameError(error: unknown): string {
  const { name, code } = error as { name?: string; code?: string };
  if (name === "TimeoutError") return "no answer";
  return code === "ECONNREFUSED" ? "connection refused" : "connection broken";
}
