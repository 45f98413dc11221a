import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../api/client.ts";
import type { Meter } from "./meter.ts";
import { createRandom } from "./random.ts";
import type { ClientsRecord } from "./record.ts";
import { type ClientRequest, createRequests, type Mix } from "./requests.ts";

/** So long a client waits for an answer; what hangs longer it asks again, elsewhere. */
const WAIT_SECONDS = 2;
const TIMEOUT_MS = 4_000;
/** Between two requests of a client, at most: the machine is to be busy, not saturated. */
const THINK_MS_MAX = 160;
/** A client that was request to come back later comes back no later than that. */
const PAUSE_MS_MAX = 1_000;
/** After an attempt without a final answer some clients never ask again: they died themselves. */
const GIVE_UP = 0.03;

/** Enough for an hour of transfers; what else is request for is declined often enough. */
const OPENING = "1000.00";

/** What has no answer by then, with everything up, has none; it is request for again when all is looked at. */
const LAST_ANSWERS_MS = 120_000;

const DECLINES = 422;

export type Clients = ReturnType<typeof startClients>;

export type ClientsOptions = {
  count: number;
  seed: number;
  users: readonly string[];
  token: string;
  /** Where the service's processes listen, at this moment. */
  origins(): readonly string[];
  record: ClientsRecord;
  meter: Meter;
};

/**
 * Clients as they ought to be: each asks for one thing at a time, at one process after the other, with the same key until the answer is final.
 * Some give up on the way. In between they read balances.
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
    for (let asking = 1; !over.signal.aborted; asking += 1) {
      await settle(requests.invent(`${client}-${asking}`, mix));
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
      // Some do not wait at first, and come back for the outcome.
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

  /** @returns undefined where there was no answer. */
  async function ask(request: ClientRequest, isWaiting: boolean): Promise<Answer | undefined> {
    record.noteAttempt();
    try {
      const answer = await send(request, isWaiting);
      const { status, body } = answer;
      if (status === 202) record.noteError(isWaiting ? "202 in spite of waiting" : "202");
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
        ...(isWaiting && { prefer: `wait=${WAIT_SECONDS}` }),
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
      // Until its first deposit there is no account to read.
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
    /** What they ask for from now on. */
    setMix(next: Mix): void {
      mix = next;
    },
    ask: (request: ClientRequest): Promise<Answer | undefined> => ask(request, true),
    /** Resolves once each of them has its last answer, or has given up. */
    async stop(): Promise<void> {
      over.abort();
      lastAnswersAtMs = performance.now() + LAST_ANSWERS_MS;
      await Promise.all(lives);
    },
  };
}

/** For each key `completed`, or the code of its decline; undefined where the answer is not final. */
export function outcomesOf({ isBatch }: ClientRequest, { status, body }: Answer): string[] | undefined {
  if (status !== 200 && status !== DECLINES) return undefined;
  if (!isBatch) return status === 200 ? ["completed"] : isDecline(body.code) ? [body.code] : undefined;
  const operations: { status: string; code?: string }[] = body.operations ?? [];
  const outcomes = operations.map((one) => (one.status === "completed" ? one.status : one.code));
  return outcomes.length > 0 && outcomes.every((outcome) => outcome !== undefined) ? outcomes : undefined;
}

/** Keys are the clients' own: one that stands for another request would be an error of the service's. */
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
