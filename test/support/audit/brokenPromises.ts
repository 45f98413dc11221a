import type { Books } from "./books.ts";

/** Stands for an id that the statement generates. */
export const ANY = "any";

type Expected = {
  promise: number;
  accountId?: string;
  operationId?: string;
  reservationId?: string;
  workflowId?: string;
  month?: string;
};

export type Breaking = {
  name: string;
  /** The statement that breaks the books. $1 is the value of `of`. */
  sql: string;
  of: Exclude<keyof Books, "order">;
  /** Findings that the audit must report, among others that follow from the same damage. */
  expected: (books: Books) => Expected[];
};

/** Each entry breaks one promise by SQL as the owner, bypassing constraints and keys. */
export const BREAKINGS: Breaking[] = [
  {
    name: "1: a negative account",
    sql: "update accounts set available_minor = -1 where user_id = $1",
    of: "userId",
    expected: ({ userId }) => [
      { promise: 1, accountId: userId },
      { promise: 2, accountId: userId },
    ],
  },
  {
    name: "1: a negative entry",
    sql: "update entries set available_after_minor = -1 where operation_id = $1",
    of: "depositId",
    expected: ({ userId, depositId }) => [{ promise: 1, accountId: userId, operationId: depositId }],
  },
  {
    name: "2: an account that differs from its last entry",
    sql: "update accounts set available_minor = available_minor + 1 where user_id = $1",
    of: "otherUserId",
    expected: ({ otherUserId }) => [{ promise: 2, accountId: otherUserId }],
  },
  {
    name: "2: a missing entry",
    sql: "delete from entries where operation_id = $1",
    of: "recognitionId",
    expected: ({ userId, recognitionId, settledId }) => [
      { promise: 2, accountId: userId, operationId: ANY },
      { promise: 5, operationId: recognitionId, reservationId: settledId },
      { promise: 6, accountId: userId, reservationId: settledId },
    ],
  },
  {
    name: "2: an entry whose balance does not follow from the one before",
    sql: "update entries set available_delta_minor = available_delta_minor + 1 where operation_id = $1",
    of: "refundId",
    expected: ({ userId, refundId, settledId }) => [
      { promise: 2, accountId: userId, operationId: refundId },
      { promise: 4, accountId: userId, operationId: refundId, reservationId: settledId },
    ],
  },
  {
    name: "2: a time that steps back",
    sql: "update entries set created_at = created_at - interval '1 day' where operation_id = $1 and version > 1",
    of: "transferId",
    expected: ({ userId, transferId }) => [{ promise: 2, accountId: userId, operationId: transferId }],
  },
  {
    name: "2: a missing account",
    sql: "delete from accounts where user_id = $1",
    of: "otherUserId",
    expected: ({ otherUserId, transferId }) => [{ promise: 2, accountId: otherUserId, operationId: transferId }],
  },
  {
    name: "3: more reserved than its reservations hold",
    sql: "update accounts set reserved_minor = reserved_minor + 1 where user_id = $1",
    of: "userId",
    expected: ({ userId }) => [
      { promise: 2, accountId: userId },
      { promise: 3, accountId: userId },
    ],
  },
  {
    name: "3: a reservation with parts above the reserved amount",
    sql: "update reservations set released_minor = released_minor + 1 where id = $1",
    of: "settledId",
    expected: ({ userId, settledId }) => [
      { promise: 3, accountId: userId, reservationId: settledId },
      { promise: 6, accountId: userId, reservationId: settledId },
    ],
  },
  {
    name: "3: more refunded than the entries of refunds",
    sql: "update recognitions set refunded_minor = refunded_minor + 1 where id = $1",
    of: "recognitionId",
    expected: ({ userId, recognitionId, settledId }) => [
      { promise: 3, accountId: userId, operationId: recognitionId, reservationId: settledId },
    ],
  },
  {
    name: "3: more refunded of a reservation than of its recognitions",
    sql: "update reservations set refunded_minor = refunded_minor + 1 where id = $1",
    of: "settledId",
    expected: ({ userId, settledId }) => [{ promise: 3, accountId: userId, reservationId: settledId }],
  },
  {
    name: "3: more recognized than booked as revenue",
    sql: "update recognitions set amount_minor = amount_minor + 1 where id = $1",
    of: "recognitionId",
    expected: ({ userId, recognitionId, settledId }) => [
      { promise: 3, accountId: userId, operationId: recognitionId, reservationId: settledId },
    ],
  },
  {
    name: "4: a deposit of more than the requested amount",
    sql: `update operations set request = json_build_object('userId', request ->> 'userId', 'amount', '99.99') where id = $1`,
    of: "depositId",
    expected: ({ userId, depositId }) => [{ promise: 4, accountId: userId, operationId: depositId }],
  },
  {
    name: "4: a transfer to another user",
    sql: `update operations set request = json_build_object('fromUserId', request ->> 'fromUserId', 'toUserId', 'nobody', 'amount', '20.00') where id = $1`,
    of: "transferId",
    expected: ({ userId, transferId }) => [{ promise: 4, accountId: userId, operationId: transferId }],
  },
  {
    name: "4: revenue above the recognized amount",
    sql: "update revenue set amount_minor = amount_minor + 1 where operation_id = $1",
    of: "recognitionId",
    expected: ({ userId, recognitionId, settledId }) => [
      { promise: 4, accountId: userId, operationId: recognitionId, reservationId: settledId },
      { promise: 3, accountId: userId, operationId: recognitionId, reservationId: settledId },
    ],
  },
  {
    name: "4: revenue of another service",
    sql: "update revenue set service_id = 'another' where operation_id = $1",
    of: "refundId",
    expected: ({ userId, refundId, settledId }) => [
      { promise: 4, accountId: userId, operationId: refundId, reservationId: settledId },
    ],
  },
  {
    name: "4: revenue without a recognition",
    sql: "update revenue set operation_id = gen_random_uuid() where operation_id = $1",
    of: "refundId",
    expected: ({ userId, refundId, settledId }) => [
      { promise: 4, operationId: ANY, month: ANY },
      { promise: 4, accountId: userId, operationId: refundId, reservationId: settledId },
    ],
  },
  {
    name: "5: a key that stands for two operations",
    sql: `update operations set (caller, idempotency_key) =
            (select caller, idempotency_key from operations as other where other.kind = 'transfer' limit 1) where id = $1`,
    of: "depositId",
    expected: ({ depositId }) => [{ promise: 5, operationId: depositId }],
  },
  {
    name: "5: an expiry without the id that its reservation derives",
    sql: "with moved as (update entries set operation_id = md5(operation_id::text)::uuid where operation_id = $1) update operations set id = md5(id::text)::uuid where id = $1",
    of: "expiryId",
    expected: () => [{ promise: 5, operationId: ANY }],
  },
  {
    name: "5: a decline that moved money",
    sql: "update operations set status = 'declined', decline_code = 'insufficient_funds' where id = $1",
    of: "transferId",
    expected: ({ transferId }) => [{ promise: 5, operationId: transferId }],
  },
  {
    name: "5: a missing operation",
    sql: "delete from operations where id = $1",
    of: "depositId",
    expected: ({ userId, depositId }) => [{ promise: 5, accountId: userId, operationId: depositId }],
  },
  {
    name: "5: an entry of another kind than its operation",
    sql: "update entries set kind = 'release' where operation_id = $1",
    of: "depositId",
    expected: ({ depositId }) => [{ promise: 5, operationId: depositId }],
  },
  {
    name: "5: an operation that names no entry",
    sql: "update operations set version = version + 1000 where id = $1",
    of: "depositId",
    expected: ({ userId, depositId }) => [
      { promise: 5, operationId: depositId },
      { promise: 5, accountId: userId, operationId: depositId },
    ],
  },
  {
    name: "5: an operation that names the entry of another",
    sql: "update operations set version = 1 where id = $1",
    of: "refundId",
    expected: ({ userId, refundId, settledId }) => [
      { promise: 5, operationId: refundId, reservationId: settledId },
      { promise: 5, accountId: userId, operationId: refundId },
    ],
  },
  {
    name: "5: a second entry of an operation, which does not name it",
    sql: "update entries set operation_id = $1 where version = 2 and user_id = (select user_id from operations where id = $1)",
    of: "depositId",
    expected: ({ userId, depositId, transferId }) => [
      { promise: 5, accountId: userId, operationId: depositId },
      { promise: 5, operationId: transferId },
    ],
  },
  {
    name: "5: a transfer that names one entry twice",
    sql: "update operations set counterparty_user_id = user_id, counterparty_version = version where id = $1",
    of: "transferId",
    expected: ({ userId, otherUserId, transferId }) => [
      { promise: 4, accountId: userId, operationId: transferId },
      { promise: 5, accountId: otherUserId, operationId: transferId },
    ],
  },
  {
    name: "6: a reservation that was settled twice",
    sql: "update reservations set recognized_minor = recognized_minor - 1, released_minor = released_minor + 1 where id = $1",
    of: "settledId",
    expected: ({ userId, settledId }) => [{ promise: 6, accountId: userId, reservationId: settledId }],
  },
  {
    name: "6: an expiry before the deadline",
    sql: "update reservations set expires_at = expires_at + interval '1 hour' where id = $1",
    of: "expiredId",
    expected: ({ userId, expiredId }) => [{ promise: 6, accountId: userId, reservationId: expiredId }],
  },
  {
    name: "6: a reservation of another user",
    sql: "update reservations set user_id = (select user_id from accounts where user_id like 'other-%' limit 1) where id = $1",
    of: "settledId",
    expected: ({ settledId }) => [{ promise: 6, accountId: ANY, reservationId: settledId }],
  },
  {
    name: "10: revenue of another month than its entry",
    sql: "update revenue set month = month + interval '1 month' where operation_id = $1",
    of: "recognitionId",
    expected: ({ recognitionId, settledId }) => [{ promise: 10, operationId: recognitionId, reservationId: settledId }],
  },
  {
    name: "10: a transfer that is booked into two months",
    sql: "update entries set month = month - interval '1 month' where operation_id = $1 and version = 1",
    of: "transferId",
    expected: ({ transferId }) => [{ promise: 10, operationId: transferId }],
  },
  {
    name: "10: an entry that was booked into a closed month",
    sql: `with moved as (update entries set month = '2019-01-01' where operation_id = $1)
      insert into closed_months values ('2019-01-01', clock_timestamp() - interval '1 hour')`,
    of: "depositId",
    expected: ({ userId, depositId }) => [{ promise: 10, accountId: userId, operationId: depositId, month: "2019-01" }],
  },
  {
    name: "10: an entry and revenue that were booked into a month that was closed with a later one",
    sql: `with moved as (update entries set month = '2018-01-01' where operation_id = $1),
        earned as (update revenue set month = '2018-01-01' where operation_id = $1)
      insert into closed_months values ('2018-02-01', clock_timestamp() - interval '1 hour')`,
    of: "recognitionId",
    expected: ({ userId, recognitionId }) => [
      { promise: 10, accountId: userId, operationId: recognitionId, month: "2018-01" },
      { promise: 10, operationId: recognitionId, month: "2018-01" },
    ],
  },
  {
    name: "7: an overdue reservation",
    sql: "update reservations set expires_at = clock_timestamp() - interval '6 minutes' where id = $1",
    of: "openId",
    expected: ({ userId, openId }) => [{ promise: 7, accountId: userId, reservationId: openId }],
  },
  {
    name: "7: events that stay unpublished",
    sql: "insert into outbox (workflow_id, operation_ids, created_at) values ('stuck', array[$1::uuid], clock_timestamp() - interval '6 minutes')",
    of: "depositId",
    expected: ({ depositId }) => [{ promise: 7, operationId: depositId, workflowId: "stuck" }],
  },
];
