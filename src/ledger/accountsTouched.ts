import type { Operation, RequestOfKind } from "./operations.ts";

/** The owners of reservations and recognitions, by their ids. An owner never changes. */
export type Owners = ReadonlyMap<string, string>;

/** The ids of reservations and recognitions whose owners must be known before it is known which accounts are touched. */
export function idsNamed(operations: readonly Operation[]): string[] {
  const ids = operations.map(idNamed).filter((id) => id !== undefined);
  return [...new Set(ids)];
}

/**
 * Every account that the operations touch. What is named by its id is stored, or an operation before it in the list makes it and touches
 * the same account itself.
 */
export function userIdsTouched(operations: readonly Operation[], owners: Owners): string[] {
  const touched = operations.flatMap((operation) => {
    const id = idNamed(operation);
    return id === undefined ? userIdsNamed(operation) : (owners.get(id) ?? []);
  });
  return [...new Set(touched)];
}

/** The accounts that the operations credit from outside the account itself, and which therefore appear with them. */
export function userIdsCredited(operations: readonly Operation[]): string[] {
  const credited = operations.map((operation) => {
    if (operation.kind === "deposit") return operation.request.userId;
    return operation.kind === "transfer" ? operation.request.toUserId : undefined;
  });
  return [...new Set(credited.filter((userId) => userId !== undefined))];
}

/** The users that an operation names itself. */
export function userIdsNamed({ request }: RequestOfKind): string[] {
  if ("fromUserId" in request) return [request.fromUserId, request.toUserId];
  return "userId" in request ? [request.userId] : [];
}

function idNamed({ request }: Operation): string | undefined {
  if ("reservationId" in request) return request.reservationId;
  return "recognitionId" in request ? request.recognitionId : undefined;
}
