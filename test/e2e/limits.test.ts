import { expect, test } from "bun:test";
import { get, post } from "../support/api.ts";
import { userWith } from "../support/funds.ts";
import { uniqueUserId } from "../support/operations.ts";
import { connectOwner } from "../support/owner.ts";

const LARGEST_MINOR = 999_999_999_999_999n;
const DEPOSITS = 9_000;

/**
 * A user with 89999999999999910.00, which is 90.00 below what an account may hold: the rows that 9,000 of the largest deposits make, which
 * would take minutes over HTTP. Each has its entry, and the note that its event is to be published.
 */
async function almostFullUser(): Promise<string> {
  const userId = uniqueUserId("rich");
  await using owner = await connectOwner();
  await owner.query("begin");
  await owner.query(
    `insert into operations (id, caller, idempotency_key, workflow_id, kind, request, status, created_at, completed_at)
     select gen_random_uuid(), 'test', $1 || '-' || version, $1, 'deposit',
            json_build_object('userId', $1::text, 'amount', '9999999999999.99'), 'completed', now(), now()
     from generate_series(1, $2::int) as version`,
    [userId, DEPOSITS],
  );
  await owner.query(
    `insert into accounts (user_id, available_minor, version, last_entry_at) values ($1, $2::bigint * $3, $3, now())`,
    [userId, LARGEST_MINOR, DEPOSITS],
  );
  await owner.query(
    `insert into entries
       (user_id, version, operation_id, kind, amount_minor, available_delta_minor, reserved_delta_minor,
        available_after_minor, reserved_after_minor, created_at)
     select $1, version, id, 'deposit', $2::bigint, $2, 0, $2 * version, 0, now()
     from (select id, row_number() over (order by id) as version from operations where workflow_id = $1) as made`,
    [userId, LARGEST_MINOR],
  );
  await owner.query(
    "insert into unpublished (workflow_id, operation_ids) select $1, array_agg(id) from operations where workflow_id = $1",
    [userId],
  );
  await owner.query("commit");
  return userId;
}

test("an account holds up to 90000000000000000.00: a credit beyond that is declined, and neither side of it moves", async () => {
  const rich = await almostFullUser();
  const payer = await userWith("100.00");
  const deposit = (amount: string) => post("/v1/deposits", { userId: rich, amount }, { wait: 20 });
  const transfer = (amount: string) =>
    post("/v1/transfers", { fromUserId: payer, toUserId: rich, amount }, { wait: 20 });

  expect((await deposit("90.01")).body.code).toBe("balance_limit_exceeded");
  expect((await transfer("90.01")).body.code).toBe("balance_limit_exceeded");
  expect((await transfer("40.00")).body.balance.available).toBe("60.00");
  const full = await deposit("50.00");
  expect(full.body.balance).toEqual({ available: "90000000000000000.00", reserved: "0.00", version: DEPOSITS + 2 });

  expect((await deposit("0.01")).body.code).toBe("balance_limit_exceeded");
  expect((await transfer("0.01")).body.code).toBe("balance_limit_exceeded");
  for (const query of ["", "?consistency=strong"]) {
    const { body } = await get(`/v1/users/${rich}/balance${query}`);
    expect(body).toMatchObject({ available: "90000000000000000.00", version: DEPOSITS + 2 });
  }
  const paid = await post("/v1/withdrawals", { userId: rich, amount: "9999999999999.99" }, { wait: 20 });
  expect(paid.body.balance.available).toBe("89990000000000000.01");
  expect((await get(`/v1/users/${payer}/balance`)).body.available).toBe("60.00");
});
