import type { Answer } from "../api/client.ts";
import type { Random } from "./random.ts";
import type { ClientRequest } from "./requests.ts";

/** Of so many requests the whole answer is kept, to be compared with what their keys are answered with afterwards. */
const SAMPLE = 300;

export type ClientsRecord = ReturnType<typeof createRecord>;

/** `wasAccepted` where a 202 has promised that it ends completed or declined. */
export type Unanswered = { request: ClientRequest; wasAccepted: boolean };

/**
 * What clients have sent and heard. Of what has its answer the keys and outcomes are kept, and nothing else, so that an hour of load fits; whatever
 * has none is kept whole, to be request for once more.
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
    /** By key: `completed`, or the code of the decline. */
    answered,
    /** What clients have given up, with the request. */
    unanswered,
    sample,
    /** Balances as they were read, from the cache or the ledger. */
    reads,
    /** How many operations of each kind have completed. */
    kinds,
    /** Answers that nothing can excuse. */
    unexpected,
    /** How often audits during the load came to each verdict. */
    audits,
    /** How often what came instead of a final answer, by its code. */
    errors: (): ReadonlyMap<string, number> => new Map(errors),
    totals: () => ({ requests, attempts, operations: answered.keys.length }),

    noteRequest(): void {
      requests += 1;
    },
    noteAttempt(): void {
      attempts += 1;
    },
    noteError: (word: string) => void errors.set(word, (errors.get(word) ?? 0) + 1),
    noteUnexpected(what: string): void {
      if (unexpected.length < 20) unexpected.push(what);
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
      // Each request is as likely as any other to be among those that are kept.
      if (sample.length < SAMPLE) sample.push({ request, answer });
      else if (random.below(requests) < SAMPLE) sample[random.below(SAMPLE)] = { request, answer };
    },
  };
}
