import type { Answer } from "../api/client.ts";
import type { Random } from "./random.ts";
import type { ClientRequest } from "./requests.ts";

/** Size of the sample of full answers. They are compared with replays of the same keys at the end. */
const SAMPLE = 300;

export type ClientsRecord = ReturnType<typeof createRecord>;

/** `wasAccepted` where a 202 promised an outcome. */
export type Unanswered = { request: ClientRequest; wasAccepted: boolean };

/**
 * Records the requests and answers of the clients.
 *
 * Of an answered request only keys and outcomes are kept, so that an hour of load fits in memory. An unanswered request
 * is kept whole, to be repeated at the end.
 */
export function createRecord(random: Random) {
  const answered: { keys: string[]; outcomes: string[] } = { keys: [], outcomes: [] };
  const unanswered: Unanswered[] = [];
  const sample: { request: ClientRequest; answer: Answer }[] = [];
  const reads: { userIds: string[]; versions: number[]; balances: string[] } = {
    userIds: [],
    versions: [],
    balances: [],
  };
  const errors = new Map<string, number>();
  const kinds = new Map<string, number>();
  const unexpected: string[] = [];
  const audits = new Map<string, number>();
  let requests = 0;
  let attempts = 0;

  return {
    /** By key: `completed` or the decline code. */
    answered,
    /** Requests that clients gave up. */
    unanswered,
    sample,
    /** Balances as read from the cache or the ledger. */
    reads,
    /** Completed operations by kind. */
    kinds,
    /** Answers that no fault excuses. */
    unexpected,
    /** Verdicts of the audits during the load. */
    audits,
    /** Codes of answers that were not final, with their counts. */
    errors: (): ReadonlyMap<string, number> => new Map(errors),
    totals: () => ({ requests, attempts, operations: answered.keys.length }),

    noteRequest(): void {
      requests += 1;
    },
    noteAttempt(): void {
      attempts += 1;
    },
    noteError: (word: string) => void errors.set(word, (errors.get(word) ?? 0) + 1),
    noteUnexpected(text: string): void {
      if (unexpected.length < 20) unexpected.push(text);
    },
    noteAudit: (verdict: string) => void audits.set(verdict, (audits.get(verdict) ?? 0) + 1),
    noteUnanswered: (one: Unanswered) => void unanswered.push(one),
    noteRead(userId: string, { version, available, reserved }: Answer["body"]): void {
      reads.userIds.push(userId);
      reads.versions.push(version);
      reads.balances.push(`${available} ${reserved}`);
    },
    noteAnswer(request: ClientRequest, answer: Answer, outcomes: readonly string[]): void {
      for (const [index, key] of request.keys.entries()) {
        answered.keys.push(key);
        answered.outcomes.push(outcomes[index]!);
      }
      for (const { status, kind } of answer.body.operations ?? [answer.body]) {
        if (status === "completed") kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
      // Reservoir sampling: each request is equally likely to be in the sample.
      if (sample.length < SAMPLE) sample.push({ request, answer });
      else if (random.below(requests) < SAMPLE) sample[random.below(SAMPLE)] = { request, answer };
    },
  };
}
