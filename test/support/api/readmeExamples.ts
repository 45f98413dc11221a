import { deriveBatchId, deriveOperationId } from "../../../src/ledger/operationId.ts";
import { runningMonth } from "./reports.ts";

/** A command of the README and the answer that follows it. */
export type Example = { heading: string; command: string; answer: unknown };

const BLOCK = /^(?<heading>#+ .*)$|^```sh\n(?<command>[\s\S]*?)^```\n(?:\n*^```json\n(?<answer>[\s\S]*?)^```\n)?/gm;

/**
 * Reads every `sh` block with a curl command, each with its `json` block.
 *
 * The `json` block must follow directly.
 */
export function readExamples(readme: string): Example[] {
  const examples: Example[] = [];
  let heading = "";
  for (const { groups } of readme.matchAll(BLOCK)) {
    heading = groups?.heading ?? heading;
    if (!groups?.command?.includes("curl")) continue;
    if (groups.answer === undefined) throw new Error(`No json block follows the example: ${groups.command}`);
    examples.push({ heading, command: groups.command, answer: JSON.parse(groups.answer) });
  }
  return examples;
}

/** Replaces users and keys by unused ones, and the month by the last one. */
export function withFreshNames(text: string, suffix: string): string {
  return text
    .replace(/(month=|\/revenue\/|"month": ?")\d{4}-\d\d/g, `$1${lastMonth()}`)
    .replace(/("(?:userId|fromUserId|toUserId)": ?"[^"]+)"/g, `$1-${suffix}"`)
    .replace(/(\/users\/[^/"]+)/g, `$1-${suffix}`)
    .replace(/(Idempotency-Key: [^"]+|"idempotencyKey": ?"[^"]+)"/g, `$1-${suffix}"`);
}

/**
 * Maps each operation id in these examples to the id under the fresh key.
 *
 * A later example refers to an earlier operation by its id, so both must be replaced alike. A batch has an id of its
 * own.
 */
export function freshIds(examples: readonly Example[], caller: string, suffix: string): Map<string, string> {
  const pairs = examples.flatMap(({ command }) => {
    const keys = [...command.matchAll(/(?:Idempotency-Key: |"idempotencyKey": ?")([^"]+)"/g)].map(([, key]) => key!);
    const ids = keys.map((key) => deriveOperationId(caller, key));
    const fresh = keys.map((key) => deriveOperationId(caller, `${key}-${suffix}`));
    return [
      ...ids.map((id, index) => [id, fresh[index]!] as const),
      [deriveBatchId(ids), deriveBatchId(fresh)] as const,
    ];
  });
  return new Map(pairs);
}

/** Every object in the answers that describes an operation, in order. */
export function operationsIn(examples: readonly Example[]): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  JSON.stringify(examples, (_, value) => {
    if (value?.operationId) found.push(value);
    return value;
  });
  return found;
}

function lastMonth(): string {
  const [year, month] = runningMonth().split("-").map(Number) as [number, number];
  return new Date(Date.UTC(year, month - 2)).toISOString().slice(0, 7);
}

/**
 * Replaces the parts of an answer that differ between runs by a fixed word.
 *
 * These are times, revenue, audit counts, links, ports of the stack, and carriers: which carrier pulls an operation
 * depends on earlier requests.
 */
export function maskVariableParts(answer: unknown): unknown {
  const text = JSON.stringify(answer)
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
    .replace(/expires=\d+&signature=[\w-]{43}/g, "expires=SECONDS&signature=SIGNATURE")
    .replace(/"total":"-?\d+\.\d\d"/g, '"total":"AMOUNT"')
    .replace(/"auditId":"[0-9a-f-]{36}"/g, '"auditId":"RUN"')
    .replace(/"(checked|offsets)":\{[^}]*\}/g, '"$1":"COUNTS"')
    .replace(/"sha256":"[0-9a-f]{64}"/g, '"sha256":"HASH"')
    .replace(/\b(?:carrier|reservation)-[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[0-9a-f-]{17}/g, "CARRIER")
    .replace(/"nextCursor":(?:null|"[^"]*")/g, '"nextCursor":"CURSOR"')
    .replace(/http:\/\/localhost:\d+/g, "http://localhost:PORT");
  return JSON.parse(text);
}
