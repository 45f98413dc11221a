import { beforeAll, expect, test } from "bun:test";
import { buildClient, createService, findTypeErrors } from "../support/client/build.ts";

/** A caller's code: one handler of all problems, and a loop over mixed operations. */
const CALLER = `
import { type components, createSaldo, type DeclineCode, type paths, type Saldo } from "saldo-client";

type Schemas = components["schemas"];
export function handle(problem: Schemas["Problem"]): string {
  switch (problem.code) {
    case "insufficient_funds":
      return "The user has too little money.";
    case "invalid_request":
      return (problem.errors ?? []).map(({ field, message }) => \`\${field} \${message}\`).join();
    case "reservation_ambiguous":
      return (problem.reservationIds ?? []).join();
    default:
      return problem.retryable ? "again" : (problem.code satisfies Schemas["ProblemCode"]);
  }
}

type Deposit = paths["/v1/deposits"]["post"]["responses"];
type Balance = paths["/v1/users/{userId}/balance"]["get"]["responses"];

export function handleBoth(
  problem:
    | Deposit[400 | 422 | 503]["content"]["application/problem+json"]
    | Balance[401 | 404]["content"]["application/problem+json"],
): string {
  return handle(problem);
}

export function describe(operations: (Schemas["Operation"] | Schemas["BatchedOperation"])[]): string[] {
  return operations.map((operation) => {
    switch (operation.status) {
      case "pending":
        return operation.links.operation;
      case "mismatched":
        return operation.differingFields.join();
      case "declined":
        return operation.code satisfies Schemas["DeclineCode"];
      case "completed":
        break;
    }
    switch (operation.kind) {
      case "transfer":
        return \`\${operation.fromUserId} \${operation.toUserId} \${operation.balance.available}\`;
      case "reservation":
        return \`\${operation.reservationId} \${operation.expiresAt} \${operation.orderId}\`;
      case "extension":
        return operation.ttlSeconds.toFixed();
      case "deposit":
      case "withdrawal":
      case "recognition":
      case "release":
      case "refund":
      case "expiry":
        return operation.balance.available;
    }
    return operation satisfies never;
  });
}

export function readAnswer(answer: Deposit[200 | 202]["content"]["application/json"]) {
  return answer.status === "completed" ? answer.balance.version : answer.links.operation;
}

/** One switch over all reasons of a decline. */
export function explain(code: DeclineCode): string {
  switch (code) {
    case "insufficient_funds":
    case "account_not_found":
    case "balance_limit_exceeded":
      return "money";
    case "reservation_not_found":
    case "reservation_ambiguous":
    case "reservation_settled":
    case "reservation_expired":
    case "amount_mismatch":
    case "exceeds_remaining":
      return "reservation";
    case "recognition_not_found":
    case "exceeds_recognized":
      return "refund";
    case "batch_aborted":
      return "batch";
    case "refused_by_ledger":
      return "support";
  }
  return code satisfies never;
}

export async function purchase(saldo: Saldo): Promise<string> {
  const reserved = await saldo.reserve({ userId: "a", serviceId: "b", orderId: "c", amount: "1.00" }, { key: "d" });
  if (reserved.status === "declined") return explain(reserved.code) + handle(reserved.problem);
  const { reservationId } = reserved.operation;
  const settled = await saldo.recognizeReservation({ reservationId, final: false });
  if (settled.status === "declined") return explain(settled.code);
  const outcomes = await saldo.submitBatch({ operations: [{ kind: "deposit", userId: "a", amount: "1.00" }] });
  for (const outcome of outcomes) {
    if (outcome.status === "declined") return explain(outcome.code);
    if (outcome.status === "mismatched") return outcome.differingFields.join();
    describe([outcome.operation]);
  }
  return settled.operation.balance.available;
}

export const saldo = createSaldo({ url: "http://localhost:3000", token: async () => "token", fetch });
// @ts-expect-error an amount is a text
export const money = () => saldo.deposit({ userId: "a", amount: 1 });
// @ts-expect-error a settlement by id needs the id
export const settlement = () => saldo.releaseReservation({ amount: "1.00" });
// @ts-expect-error an outcome may be a decline
export const operation = async () => (await saldo.refund({ recognitionId: "a" })).operation;
// @ts-expect-error an operation of an unknown state has no code
export const code = (operation: Schemas["Operation"]) => operation.code;
// @ts-expect-error a transfer has no reservation
export const reservationId = (operation: Schemas["CompletedTransfer"]) => operation.reservationId;
// @ts-expect-error the codes of problems are a closed list
export const unknown: Schemas["Problem"]["code"] = "no_such_code";
`;

beforeAll(buildClient, 60_000);

async function findErrors(caller: string): Promise<string> {
  using service = await createService("caller.ts", caller);
  return await findTypeErrors(service);
}

test("with generated types, one handler takes every problem, and a list of operations narrows", async () => {
  expect(await findErrors(CALLER)).toBe("");
}, 60_000);

test("a field of another kind, and a kind or a code that is missing in a switch, do not compile", async () => {
  const wrongKind = CALLER.replace("operation.ttlSeconds.toFixed()", "operation.toUserId");
  expect(await findErrors(wrongKind)).toContain("'toUserId' does not exist on type");
  const missingKind = CALLER.replace('      case "expiry":\n', "");
  expect(await findErrors(missingKind)).toContain("does not satisfy the expected type 'never'");
  const missingCode = CALLER.replace('    case "batch_aborted":\n', "");
  expect(await findErrors(missingCode)).toContain("'\"batch_aborted\"' does not satisfy the expected type 'never'");
}, 60_000);
