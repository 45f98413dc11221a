import { type Answer, apiUrl, post } from "../api/client.ts";
import { SERVICE_ID, uniqueOrderId } from "../api/reservations.ts";
import { uniqueUserId } from "../ledger/operations.ts";
import { eventually } from "../waiting.ts";

/** A request without its key. */
export type UnsentRequest = { userId: string; path: string; body: { userId: string; amount: string } };

/** A request with its key, target process and answer. `answer` is undefined where the connection broke before it. */
export type Attempt = UnsentRequest & { key: string; origin: string; answer?: Answer };

/** The callers stop with the block. A failed test must not leave its load to the tests after it. */
export type Callers = AsyncDisposable & {
  attempts: Attempt[];
  /** Attempts that were answered 200. */
  acknowledged(): Attempt[];
  /** Resolves after this many further answers of 200. */
  awaitAcknowledged(count: number): Promise<void>;
  /** Stops each caller after its current request. */
  stop(): Promise<void>;
};

export type CallersOptions = {
  depositing: number;
  reserving?: number;
  /** TTL of each reservation. */
  ttlSeconds?: number;
  /** Target processes, used in turn. */
  origins?: readonly string[];
  /** Seconds of `Prefer: wait=N`; null for `respond-async`. */
  wait?: number | null;
};

/** Enough for every reservation of a test. */
const FUNDS = "10000.00";
/**
 * Pause after a broken connection or a refusal.
 *
 * A caller that is refused at once leaves the CPU to the recovery.
 */
const PAUSE_MS = 50;
/** Pause between two reservations of a caller. Each of them is settled singly at the end. */
const RESERVING_PAUSE_MS = 100;

/**
 * Starts callers that send one request of 1.00 at a time until stopped.
 *
 * Each caller has a user of its own, and each request a new key.
 */
export async function startCallers(options: CallersOptions): Promise<Callers> {
  const { depositing, reserving = 0, ttlSeconds = 600, origins = [apiUrl], wait = 10 } = options;
  const attempts: Attempt[] = [];
  let isOver = false;
  let turn = 0;

  async function call(next: () => UnsentRequest, pauseMs = 0): Promise<void> {
    while (!isOver) {
      turn += 1;
      const { answer } = await attemptOnce(next(), wait, origins[turn % origins.length]!, attempts);
      const isAccepted = answer?.status === 200 || answer?.status === 202;
      await Bun.sleep(isAccepted ? pauseMs : PAUSE_MS);
    }
  }

  const depositors = Array.from({ length: depositing }, () => uniqueUserId("depositor"));
  const reservers = Array.from({ length: reserving }, () => uniqueUserId("reserver"));
  await Promise.all(reservers.map((userId) => attemptOnce(depositOf(userId, FUNDS), 10, origins[0]!, attempts)));
  const calls = [
    ...depositors.map((userId) => call(() => depositOf(userId))),
    ...reservers.map((userId) => call(() => reservationOf(userId, ttlSeconds), RESERVING_PAUSE_MS)),
  ];
  const acknowledged = () => attempts.filter(({ answer }) => answer?.status === 200);
  const stop = async () => {
    isOver = true;
    await Promise.all(calls);
  };
  return {
    attempts,
    acknowledged,
    async awaitAcknowledged(count) {
      const enough = acknowledged().length + count;
      await eventually(async () => acknowledged().length >= enough, 30_000);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Sends one request, which is added to `attempts` first. */
export async function attemptOnce(
  request: UnsentRequest,
  wait: number | null,
  origin: string,
  attempts: Attempt[],
): Promise<Attempt> {
  const attempt: Attempt = { ...request, key: crypto.randomUUID(), origin };
  attempts.push(attempt);
  const { path, body, key } = attempt;
  try {
    attempt.answer = await post(path, body, { key, origin, ...(wait === null ? { isAsync: true } : { wait }) });
  } catch {
    // The connection broke, so the outcome is unknown.
  }
  return attempt;
}

export function depositOf(userId: string, amount = "1.00"): UnsentRequest {
  return { userId, path: "/v1/deposits", body: { userId, amount } };
}

export function reservationOf(userId: string, ttlSeconds = 600): UnsentRequest {
  const body = { userId, serviceId: SERVICE_ID, orderId: uniqueOrderId(), amount: "1.00", ttlSeconds };
  return { userId, path: "/v1/reservations", body };
}
