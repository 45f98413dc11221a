import type { Client } from "pg";
import { MERCHANT, USERS } from "../load/scenarios.ts";

/** Caller of the deposits that fill the ledgers before the measurements. They have no events. */
export const SEED_CALLER = "bench-seed";

/** Enough for all transfers of a run. */
const SEED_AMOUNT_MINOR = 1_000_000_00n;

/** Gives every user, and the merchant, one deposit. The ledger must be empty. */
export async function seed(client: Client): Promise<void> {
  await client.query(
    `with filled as (
       insert into accounts (user_id, available_minor, version, last_entry_at)
       select user_id, $1::bigint, 1, date_trunc('milliseconds', clock_timestamp())
       from (select 'user-' || number as user_id from generate_series(0, $2::int - 1) as number union all select $3) as users
       returning user_id, last_entry_at
     ),
     deposits as (
       insert into operations
         (id, caller, idempotency_key, workflow_id, kind, request, status, created_at, completed_at, user_id, version)
       select gen_random_uuid(), $4, user_id, $4, 'deposit', json_build_object('userId', user_id, 'amount', $5::text),
         'completed', last_entry_at, last_entry_at, user_id, 1
       from filled
       returning id, user_id, completed_at
     )
     insert into entries
       (user_id, version, operation_id, kind, amount_minor, available_delta_minor, reserved_delta_minor,
        available_after_minor, reserved_after_minor, created_at, month)
     select user_id, 1, id, 'deposit', $1, $1, 0, $1, 0, completed_at, date_trunc('month', completed_at)
     from deposits`,
    [SEED_AMOUNT_MINOR, USERS, MERCHANT, SEED_CALLER, "1000000.00"],
  );
  await client.query("vacuum analyze");
}
