import type { Answer } from "../api/client.ts";
import { eventually } from "../waiting.ts";
import { type Clients, outcomesOf } from "./clients.ts";
import type { ClientsRecord, Unanswered } from "./record.ts";
import type { ClientRequest } from "./requests.ts";

const AT_ONCE = 8;
const ANSWERED_WITHIN_MS = 60_000;
const SHOWN = 5;

/**
 * Repeats every unanswered request with its key and records the final answer. @returns a finding for each without one
 */
export async function replay(
  clients: Clients,
  record: ClientsRecord,
  unanswered: readonly Unanswered[],
): Promise<string[]> {
  const findings: string[] = [];
  await forEach(unanswered, async ({ request }) => {
    const answer = await askUntil(clients, request, () => true);
    const outcomes = answer && outcomesOf(request, answer);
    if (outcomes) record.noteAnswer(request, answer, outcomes);
    else findings.push(`${request.path} under ${request.keys[0]} has no final answer`);
  });
  return findings;
}

/** Checks that replays return the first answer, except for later refunds. @returns a finding for each difference */
export async function findChangedAnswers(clients: Clients, { sample }: ClientsRecord): Promise<string[]> {
  const findings: string[] = [];
  await forEach(sample, async ({ request, answer }) => {
    // A slow ledger lookup makes a carrier post the operation again. The answer is correct, but has no replay header.
    const isReplayed = ({ headers }: Answer) => headers.get("idempotency-replayed") === "true";
    const again = await askUntil(clients, request, isReplayed);
    if (again?.status === answer.status && Bun.deepEquals(withoutRefunds(again.body), withoutRefunds(answer.body)))
      return;
    findings.push(
      `${request.keys[0]} was answered ${describeAnswer(answer)} and then ${again && describeAnswer(again)}`,
    );
  });
  return findings.slice(0, SHOWN);
}

/** The body without the fields of recognitions that are as of the answer. */
function withoutRefunds(body: unknown): unknown {
  const isChanging = (name: string) => name === "refunded" || name === "refundable";
  return JSON.parse(JSON.stringify(body, (name, value) => (isChanging(name) ? undefined : value)));
}

/** Repeats the request with the same key until the answer is final and `isGood`. */
async function askUntil(
  clients: Clients,
  request: ClientRequest,
  isGood: (answer: Answer) => boolean,
): Promise<Answer | undefined> {
  return await eventually(async () => {
    const answer = await clients.ask(request);
    return answer && outcomesOf(request, answer) && isGood(answer) && answer;
  }, ANSWERED_WITHIN_MS).catch(() => undefined);
}

function describeAnswer({ status, body }: Answer): string {
  return `${status} ${JSON.stringify(body)}`;
}

/** Runs AT_ONCE items concurrently. */
async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  });
  await Promise.all(workers);
}
