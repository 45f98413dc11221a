import { deriveOperationId } from "../../ledger/operationId.ts";
import { type DeclineCode, KINDS } from "../../ledger/operations.ts";
import type { OperationPosition, OperationQuery, StoredOperation } from "../../ledger/records.ts";
import { invalidRequest } from "../http/fieldErrors.ts";
import { orUnavailable } from "../http/problems.ts";
import type { Cursors } from "../paging/cursors.ts";
import { type PageQuery, pageSize } from "../paging/pages.ts";
import { parsePeriod } from "../period.ts";
import type { OperationView } from "./view.ts";

export type OperationSearchDependencies = {
  /** The operations of a page, and the place where the next one begins. */
  searchOperations(
    query: OperationQuery,
    after: OperationPosition | undefined,
    limit: number,
  ): Promise<{ operations: StoredOperation[]; next: OperationPosition | undefined }>;
  view: OperationView;
  cursors: Cursors;
};

/** The filters with an index. A search needs one of them. */
export const LEADING_FILTERS = [
  "orderId",
  "userId",
  "reservationId",
  "serviceId",
  "workflowId",
  "reference",
  "idempotencyKey",
] as const;

/** The query parameters, not parsed. */
export type SearchParameters = PageQuery & { [Name in (typeof LEADING_FILTERS)[number]]?: string } & {
  caller?: string;
  kind?: string;
  status?: "completed" | "declined";
  code?: DeclineCode;
  from?: string;
  to?: string;
};

export type OperationSearch = ReturnType<typeof createOperationSearch>;

export function createOperationSearch({ searchOperations, view, cursors }: OperationSearchDependencies) {
  return {
    /**
     * A page of the operations that match all filters, of all users, the newest first.
     *
     * `caller` is the one whose key is searched, where the query names no other.
     *
     * @throws Problem `invalid_request`, `invalid_cursor`, `ledger_unavailable`
     */
    async list(parameters: SearchParameters, caller: string) {
      const query = readQuery(parameters, caller);
      const list = JSON.stringify(["operations", Object.entries(query)]);
      const { limit, cursor } = parameters;
      const after = cursor === undefined ? undefined : parsePosition(cursors.decode(list, cursor));
      const { operations, next } = await orUnavailable(searchOperations(query, after, pageSize(limit)));
      return {
        items: operations.map(view.finished),
        nextCursor: next ? cursors.encode(list, formatPosition(next)) : null,
      };
    },
  };
}

function readQuery(parameters: SearchParameters, tokenCaller: string): OperationQuery {
  const { idempotencyKey, caller, reservationId, reference, orderId, workflowId, userId, serviceId } = parameters;
  if (LEADING_FILTERS.every((name) => parameters[name] === undefined)) {
    throw invalidRequest([{ field: "query", message: `needs one of ${LEADING_FILTERS.join(", ")}` }]);
  }
  if (caller !== undefined && idempotencyKey === undefined) {
    throw invalidRequest([{ field: "caller", message: "needs idempotencyKey, which it belongs to" }]);
  }
  const kinds = parameters.kind?.split(",");
  return {
    operationId: idempotencyKey && deriveOperationId(caller ?? tokenCaller, idempotencyKey),
    reservationId: reservationId?.toLowerCase(),
    ...{ reference, orderId, workflowId, userId, serviceId },
    // In one order, so that a cursor does not depend on theirs.
    kinds: kinds && KINDS.filter((kind) => kinds.includes(kind)),
    status: parameters.status,
    code: parameters.code,
    ...parsePeriod(parameters),
  };
}

function formatPosition({ completedAt, ordinal }: OperationPosition): string {
  return `${completedAt.getTime()}:${ordinal}`;
}

function parsePosition(position: string): OperationPosition {
  const [completedAtMs, ordinal] = position.split(":") as [string, string];
  return { completedAt: new Date(Number(completedAtMs)), ordinal: BigInt(ordinal) };
}
