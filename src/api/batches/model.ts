import type { TObject } from "@sinclair/typebox";
import { t } from "elysia";
import { BatchedKey } from "../fields.ts";
import { titleOf } from "../openapi/components.ts";
import { Deposit } from "../operations/deposits.ts";
import type { SubmittedKind } from "../operations/model.ts";
import { Recognition } from "../operations/recognitions.ts";
import { Refund } from "../operations/refunds.ts";
import { Release } from "../operations/releases.ts";
import {
  ExtensionOfReservation,
  RecognitionOfReservation,
  ReleaseOfReservation,
  Reservation,
  ReservationPath,
} from "../operations/reservations.ts";
import { Transfer } from "../operations/transfers.ts";
import { Withdrawal } from "../operations/withdrawals.ts";

export const BATCH_OPERATIONS_MAX = 1_000;

/** The schema of an operation in a batch. It has the fields of its own route's body and path, and its key. */
function batched(kind: SubmittedKind, ...parts: TObject[]) {
  const title = titleOf("batched", kind, ...(parts.includes(ReservationPath) && kind !== "extension" ? ["byId"] : []));
  const fields = Object.assign({}, ...parts.map(({ properties }) => properties));
  return t.Object(
    { kind: t.Literal(kind), idempotencyKey: BatchedKey, ...fields },
    { title, additionalProperties: false },
  );
}

/** By kind. A recognition or a release with a `reservationId` has a schema of its own. */
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

/** For the API document only. Requests are checked operation by operation, so that each error names its place. */
export const BatchRequestBody = t.Object(
  {
    operations: t.Array(
      t.Union([...Object.values(BATCHED.byFields), ...Object.values(BATCHED.byReservationId)], { title: "BatchItem" }),
      {
        minItems: 1,
        maxItems: BATCH_OPERATIONS_MAX,
        description: "Applied in this order.",
      },
    ),
    atomic: t.Optional(t.Boolean({ description: "Whether all operations complete or none does; false by default." })),
  },
  { title: "BatchRequest", additionalProperties: false },
);
