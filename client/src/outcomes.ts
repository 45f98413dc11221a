import type { components, paths } from "./schema.ts";

type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];
export type DeclineCode = Schemas["DeclineCode"];

/** The routes that move money, by operation id. A batch has a method of its own. */
export const ROUTES = {
  deposit: "/v1/deposits",
  withdraw: "/v1/withdrawals",
  transfer: "/v1/transfers",
  reserve: "/v1/reservations",
  recognizeReservation: "/v1/reservations/{reservationId}/recognitions",
  recognizeByFields: "/v1/recognitions",
  releaseReservation: "/v1/reservations/{reservationId}/releases",
  releaseByFields: "/v1/releases",
  extendReservation: "/v1/reservations/{reservationId}/extensions",
  refund: "/v1/refunds",
} as const satisfies Record<string, keyof paths>;

export type Name = keyof typeof ROUTES;
type Route<N extends Name> = paths[(typeof ROUTES)[N]]["post"];
type JsonOf<T> = NonNullable<T> extends { content: { "application/json": infer Body } } ? Body : never;
type PathOf<R> = R extends { parameters: { path: infer Path } } ? Path : unknown;

/** The fields of a request: those of its body and its path. */
export type Fields<N extends Name> = JsonOf<Route<N>["requestBody"]> & PathOf<Route<N>>;

export type Completed<Operation> = { status: "completed"; operation: Operation };
/** A final refusal: nothing changed, and the same key always gets it. */
export type Declined = { status: "declined"; code: DeclineCode; problem: Problem };
export type Outcome<N extends Name> = Completed<JsonOf<Route<N>["responses"][200]>> | Declined;

type WithOptionalKey<Item> = Item extends unknown
  ? Omit<Item, "idempotencyKey"> & { idempotencyKey?: Schemas["IdempotencyKey"] }
  : never;
/** A batch whose items may lack their keys. */
export type Batch = { operations: WithOptionalKey<Schemas["BatchItem"]>[]; atomic?: boolean };

/** The outcome of one item, with its key. A mismatched item has a key that another request used before. */
export type BatchOutcome = { key: string } & (
  | Completed<Schemas["CompletedOperation"]>
  | { status: "declined"; code: DeclineCode; operation: Schemas["DeclinedOperation"] }
  | { status: "mismatched"; differingFields: string[]; operation: Schemas["MismatchedOperation"] }
);

/** A response as far as outcomes depend on it. `body` is undefined where it is no JSON. */
export type Answer = { status: number; retryAfter: string | null; body: unknown };

/** The problem document of a response; undefined where Saldo did not write it. */
export function readProblem({ body }: Answer): Problem | undefined {
  return isObject(body) && typeof body.code === "string" && typeof body.retryable === "boolean"
    ? (body as Problem)
    : undefined;
}

/** The final outcome of one operation, if the response has it. */
export function readOutcome(answer: Answer): Completed<unknown> | Declined | undefined {
  const { status, body } = answer;
  if (status === 200 && isObject(body) && body.status === "completed") return { status: "completed", operation: body };
  const problem = readProblem(answer);
  if (status !== 422 || !problem || problem.code === "idempotency_payload_mismatch") return undefined;
  return { status: "declined", code: problem.code as DeclineCode, problem };
}

/** The final outcomes of a batch in order, if the response has them all. */
export function readBatch({ status, body }: Answer, keys: readonly string[]): BatchOutcome[] | undefined {
  if (status !== 200 && status !== 422) return undefined;
  const { operations } = (isObject(body) ? body : {}) as Partial<Schemas["BatchAnswer"]>;
  if (operations?.length !== keys.length) return undefined;
  const outcomes: BatchOutcome[] = [];
  for (const [index, operation] of operations.entries()) {
    const key = keys[index]!;
    if (operation.status === "pending") return undefined;
    if (operation.status === "completed") outcomes.push({ key, status: "completed", operation });
    else if (operation.status === "declined") {
      outcomes.push({ key, status: "declined", code: operation.code, operation });
    } else outcomes.push({ key, status: "mismatched", differingFields: operation.differingFields, operation });
  }
  return outcomes;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
