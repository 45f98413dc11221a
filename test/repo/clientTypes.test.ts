import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeClientTypes } from "../../scripts/commands/contracts/clientTypes.ts";
import { rootDirectory } from "../../scripts/stack/site.ts";

const types = await makeClientTypes(await Bun.file(join(rootDirectory, "docs/reference/openapi.json")).json());

/** A caller's code: one handler of all problems, and a loop over mixed operations. */
const CALLER = `
import type { components, paths } from "./types.ts";

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

// @ts-expect-error an operation of an unknown state has no code
export const code = (operation: Schemas["Operation"]) => operation.code;
// @ts-expect-error a transfer has no reservation
export const reservationId = (operation: Schemas["CompletedTransfer"]) => operation.reservationId;
// @ts-expect-error the codes of problems are a closed list
export const unknown: Schemas["Problem"]["code"] = "no_such_code";
`;

/** The errors of the compiler in a caller's code that uses the generated types. */
async function findErrors(caller: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "saldo-client-types-"));
  try {
    await Bun.write(join(folder, "types.ts"), types);
    await Bun.write(join(folder, "caller.ts"), caller);
    const settings = { extends: join(rootDirectory, "tsconfig.json"), compilerOptions: { types: [] }, include: ["."] };
    await Bun.write(join(folder, "tsconfig.json"), JSON.stringify(settings));
    const command = [process.execPath, "x", "--bun", "tsc", "--project", folder];
    const compiler = Bun.spawn(command, { cwd: rootDirectory, stdout: "pipe" });
    return await new Response(compiler.stdout).text();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("with generated types, one handler takes every problem, and a list of operations narrows", async () => {
  expect(await findErrors(CALLER)).toBe("");
});

test("a field of another kind, and a kind that is missing in a switch, do not compile", async () => {
  const wrongKind = CALLER.replace("operation.ttlSeconds.toFixed()", "operation.toUserId");
  expect(await findErrors(wrongKind)).toContain("'toUserId' does not exist on type");
  const missingKind = CALLER.replace('      case "expiry":\n', "");
  expect(await findErrors(missingKind)).toContain("does not satisfy the expected type 'never'");
});
