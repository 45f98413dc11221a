import type { TObject } from "@sinclair/typebox";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import type { RequestOfKind } from "../../ledger/operations.ts";
import { fieldErrors, formatFieldName, invalidRequest } from "../http/fieldErrors.ts";
import type { FieldError } from "../http/problems.ts";
import type { SubmittedKind } from "../operations/model.ts";
import { SCOPES } from "../operations/scopes.ts";
import { transferErrors } from "../operations/transfers.ts";
import { BATCH_OPERATIONS_MAX, BATCHED } from "./model.ts";

export type BatchRequest = { items: { idempotencyKey: string; operationRequest: RequestOfKind }[]; isAtomic: boolean };

type Compiled = ReturnType<typeof TypeCompiler.Compile>;

const byFields = compileAll(BATCHED.byFields);
const byReservationId = compileAll(BATCHED.byReservationId);

/**
 * Reads a batch. Each operation is checked by the schema of its kind, and each error names its place.
 *
 * @throws Problem `invalid_request`
 */
export function parseBatch(body: unknown): BatchRequest {
  if (!isObject(body)) throw invalidRequest([{ field: "body", message: "must be a JSON object" }]);
  const errors: FieldError[] = [];
  const { operations, atomic = false, ...others } = body;
  for (const name of Object.keys(others))
    errors.push({ field: formatFieldName(name), message: "is not a field of this request" });
  if (typeof atomic !== "boolean") errors.push({ field: "atomic", message: "must be true or false" });
  if (!Array.isArray(operations) || operations.length < 1 || operations.length > BATCH_OPERATIONS_MAX) {
    errors.push({ field: "operations", message: `must be an array of 1 to ${BATCH_OPERATIONS_MAX} operations` });
    throw invalidRequest(errors);
  }

  const keys = new Set<unknown>();
  for (const [index, operation] of operations.entries()) {
    const prefix = `operations[${index}]`;
    errors.push(...errorsOf(operation).map(({ field, message }) => ({ field: join(prefix, field), message })));
    const key = isObject(operation) ? operation.idempotencyKey : undefined;
    if (key !== undefined && keys.has(key)) {
      errors.push({ field: `${prefix}.idempotencyKey`, message: "is used twice in the batch" });
    }
    keys.add(key);
  }
  if (errors.length > 0) throw invalidRequest(errors);
  return { items: operations.map(toItem), isAtomic: atomic === true };
}

function errorsOf(operation: unknown): FieldError[] {
  if (!isObject(operation)) return [{ field: "", message: "must be a JSON object" }];
  const { kind } = operation;
  if (typeof kind !== "string" || !Object.hasOwn(SCOPES, kind)) {
    return [{ field: "kind", message: `must be one of ${Object.keys(SCOPES).join(", ")}` }];
  }
  const schema = ("reservationId" in operation && byReservationId.get(kind)) || byFields.get(kind)!;
  if (!schema.Check(operation)) return fieldErrors(schema.Errors(operation));
  return kind === "transfer" ? transferErrors(operation as { fromUserId: string; toUserId: string }) : [];
}

function toItem(operation: Record<string, unknown>) {
  const { kind, idempotencyKey, ...request } = operation as { kind: SubmittedKind; idempotencyKey: string };
  return { idempotencyKey, operationRequest: { kind, request } as RequestOfKind };
}

function compileAll(schemas: Record<string, TObject>): Map<string, Compiled> {
  return new Map(Object.entries(schemas).map(([kind, schema]) => [kind, TypeCompiler.Compile(schema)]));
}

function join(prefix: string, field: string): string {
  return field === "" ? prefix : `${prefix}.${field}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
