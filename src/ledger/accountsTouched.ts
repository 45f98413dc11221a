import type { Operation, RequestOfKind } from "./operations.ts";

/** The owners of reservations and recognitions, by their ids. An owner never changes. */
export type Owners = ReadonlyMap<string, string>;

/** Reservation and recognition ids in the requests. Their owners must be read to find the accounts to lock. */
export function referencedIds(operations: readonly Operation[]): string[] {
  const ids = operations.map(referencedId).filter((id) => id !== undefined);
  return [...new Set(ids)];
}

/**
 * Every account that the operations touch. An id without a stored owner is skipped: an earlier operation of the list
 * may create its record, and then touches that account itself.
 */
export function userIdsTouched(operations: readonly Operation[], owners: Owners): string[] {
  const touched = operations.flatMap((operation) => {
    const id = referencedId(operation);
    return id === undefined ? requestUserIds(operation) : (owners.get(id) ?? []);
  });
  return [...new Set(touched)];
}

/** The accounts that deposits and transfers credit. A missing one is created with its first credit. */
export function userIdsCredited(operations: readonly Operation[]): string[] {
  const credited = operations.map((operation) => {
    if (operation.kind === "deposit") return operation.request.userId;
    return operation.kind === "transfer" ? operation.request.toUserId : undefined;
  });
  return [...new Set(credited.filter((userId) => userId !== undefined))];
}

/** The user ids in the request itself. A request by reservation or recognition id contains none. */
export function requestUserIds({ request }: RequestOfKind): string[] {
  if ("fromUserId" in request) return [request.fromUserId, request.toUserId];
  return "userId" in request ? [request.userId] : [];
}

function referencedId({ request }: Operation): string | undefined {
  if ("reservationId" in request) return request.reservationId;
  return "recognitionId" in request ? request.recognitionId : undefined;
}
