import type { TObject } from "@sinclair/typebox";
import { t } from "elysia";
import type { Scope } from "../auth/authentication.ts";
import { Deposit } from "../deposits/model.ts";
import { BatchedKey, Time } from "../fields.ts";
import { OperationInAnyState } from "../operations/model.ts";
import { Recognition } from "../recognitions/model.ts";
import { Refund } from "../refunds/model.ts";
import { Release } from "../releases/model.ts";
import {
  ExtensionOfReservation,
  RecognitionOfReservation,
  ReleaseOfReservation,
  Reservation,
  ReservationPath,
} from "../reservations/model.ts";
import { Transfer } from "../transfers/model.ts";
import { Withdrawal } from "../withdrawals/model.ts";

export const BATCH_OPERATIONS_MAX = 1_000;

/** The kinds that may stand in a batch, with the scope that each needs on a route of its own. */
export const SCOPES = {
  deposit: "funds:write",
  withdrawal: "funds:write",
  transfer: "funds:write",
  reservation: "reservations:write",
  recognition: "reservations:write",
  release: "reservations:write",
  extension: "reservations:write",
  refund: "funds:write",
} as const satisfies Record<string, Scope>;

export type BatchedKind = keyof typeof SCOPES;

/** An operation in a batch: the body of its kind's own route, with its key, and the reservation's id where that route's path has it. */
function batched(kind: BatchedKind, ...parts: TObject[]) {
  const fields = Object.assign({}, ...parts.map(({ properties }) => properties));
  return t.Object({ kind: t.Literal(kind), idempotencyKey: BatchedKey, ...fields }, { additionalProperties: false });
}

/** By kind; a recognition and a release by their fields, or by the reservation's id where one is given. */
export const BATCHED = {
  byFields: {
    deposit: batched("deposit", Deposit),
    withdrawal: batched("withdrawal", Withdrawal),
    transfer: batched("transfer", Transfer),
    reservation: batched("reservation", Reservation),
    recognition: batched("recognition", Recognition),
    release: batched("release", Release),
    extension: batched("extension", ReservationPath, ExtensionOfReservation),
    refund: batched("refund", Refund),
  },
  byReservationId: {
    recognition: batched("recognition", ReservationPath, RecognitionOfReservation),
    release: batched("release", ReservationPath, ReleaseOfReservation),
  },
} as const;

/** For the API document; what comes in is checked operation by operation, so that each error names its place. */
export const BatchRequestBody = t.Object(
  {
    operations: t.Array(t.Union([...Object.values(BATCHED.byFields), ...Object.values(BATCHED.byReservationId)]), {
      minItems: 1,
      maxItems: BATCH_OPERATIONS_MAX,
      description: "In the order in which they are applied.",
    }),
    atomic: t.Optional(t.Boolean({ description: "Whether all of them complete or none; false by default." })),
  },
  {
    additionalProperties: false,
  },
);

const { code: _, status: __, createdAt: ___, ...known } = OperationInAnyState.properties;

export const BatchAnswer = t.Object({
  workflowId: t.String({ description: "The workflow that carries, or carried, the batch." }),
  links: t.Object({ temporal: t.String({ description: "The workflow in the Temporal Web UI." }) }),
  operations: t.Array(
    t.Object({
      ...known,
      status: t.Union(
        ["pending", "completed", "declined", "mismatched"].map((status) => t.Literal(status)),
        { description: "`mismatched`: the key stands for another request, and this one was not recorded." },
      ),
      code: t.Optional(t.String({ description: "Why it was declined or not taken, where it was." })),
      differingFields: t.Optional(t.Array(t.String())),
      createdAt: t.Optional(Time),
    }),
    { description: "In the order of the request." },
  ),
});
