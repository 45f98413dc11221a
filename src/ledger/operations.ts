/**
 * One shape of an operation serves from the HTTP route to the stored row, so nothing is converted, and nothing lost, on the way.
 * `request` holds the fields as the caller sent them, parsed: absent fields are absent, an amount is a decimal string with two decimals.
 */
export type Operation = {
  operationId: string;
  /** The `sub` of the token that asked. */
  caller: string;
  idempotencyKey: string;
  /** When the API took it, RFC 3339 in UTC. */
  acceptedAt: string;
} & RequestOfKind;

export type RequestOfKind =
  | { kind: "deposit"; request: DepositRequest }
  | { kind: "withdrawal"; request: WithdrawalRequest }
  | { kind: "transfer"; request: TransferRequest };

export type Kind = Operation["kind"];

export type DepositRequest = { userId: string; amount: string; comment?: string; source?: string };
export type WithdrawalRequest = { userId: string; amount: string; comment?: string; destination?: string };
export type TransferRequest = { fromUserId: string; toUserId: string; amount: string; comment?: string };

/** Final business answers: nothing changed, and a retry with the same key gets the same one. */
export const DECLINE_CODES = [
  "account_not_found",
  "insufficient_funds",
  "balance_limit_exceeded",
  "refused_by_ledger",
] as const;
export type DeclineCode = (typeof DECLINE_CODES)[number];

/** What became of an operation, by the ledger's stored word. Never carries request fields: results of workflows stay small. */
export type Outcome =
  | { operationId: string; status: "completed"; balance: BalanceAfter }
  | { operationId: string; status: "declined"; code: DeclineCode }
  /** The key stands for another request, which is stored; this one was not, and is not recorded. */
  | { operationId: string; status: "mismatched"; differingFields: string[] };

/** The balance that an operation left to the user who asked to move money (a transfer's is the sender's), as decimal strings. */
export type BalanceAfter = { available: string; reserved: string; version: number };

/** Every account that `operation` touches. */
export function touchedUserIds(operation: RequestOfKind): string[] {
  return operation.kind === "transfer"
    ? [operation.request.fromUserId, operation.request.toUserId]
    : [operation.request.userId];
}

/** The account that `operation` credits, which appears with its first credit. */
export function creditedUserId(operation: RequestOfKind): string | undefined {
  if (operation.kind === "deposit") return operation.request.userId;
  return operation.kind === "transfer" ? operation.request.toUserId : undefined;
}

/** Names the fields in which two requests under one key differ, `kind` among them; empty where they are the same request. */
export function differingFields(
  asked: { kind: string; request: object },
  recorded: { kind: string; request: object },
): string[] {
  const left = { kind: asked.kind, ...asked.request } as Record<string, unknown>;
  const right = { kind: recorded.kind, ...recorded.request } as Record<string, unknown>;
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].filter((name) => left[name] !== right[name]);
}
