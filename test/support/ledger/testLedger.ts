import pg from "pg";
import type { Decided } from "../../../src/ledger/decide.ts";
import { createMonthOf } from "../../../src/ledger/months.ts";
import type { Operation, Outcome } from "../../../src/ledger/operations.ts";
import { closePools, createPools } from "../../../src/postgres/pools.ts";
import { createKnownAccounts } from "../../../src/postgres/posting/knownAccounts.ts";
import { createOutboxStore, createPostingStore } from "../../../src/postgres/posting/postingStore.ts";
import type { PostingOptions } from "../../../src/postgres/posting/transaction.ts";
import { type EntryPosition, type EntryRange, readEntryPage } from "../../../src/postgres/reading/entryPages.ts";
import { createReadingStore } from "../../../src/postgres/reading/readingStore.ts";
import { createReportStore } from "../../../src/postgres/reading/reportStore.ts";
import { stack } from "../api/client.ts";
import { deposit } from "./operations.ts";

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, BigInt);

/** How long a reservation holds that does not say. */
export const DEFAULT_TTL_SECONDS = 3_600;

/** All stores of one process on this database. */
export function openLedger(databaseUrl: string, options: PostingOptions) {
  const pools = createPools(databaseUrl);
  return {
    ...createPostingStore(pools, options),
    ...createOutboxStore(pools),
    ...createReadingStore(pools),
    ...createReportStore(pools, options.monthOf),
    readEntryPage: (range: EntryRange, after: EntryPosition | undefined) => readEntryPage(pools.reading, range, after),
    close: () => closePools(pools),
  };
}

export type TestLedger = Awaited<ReturnType<typeof createTestLedger>>;

/** A ledger on a new database of its own, and the owner's look into it. */
export async function createTestLedger(database: string) {
  const databaseUrl = await stack.createDatabase(database);
  const refused: Operation[] = [];
  const decided: Decided[] = [];
  const options: PostingOptions = {
    defaultTtlSeconds: DEFAULT_TTL_SECONDS,
    knownAccounts: createKnownAccounts(),
    monthOf: createMonthOf("Europe/Moscow"),
    alertRefused: (operation) => refused.push(operation),
    onDecided: (newly) => decided.push(...newly),
  };
  const ledger = openLedger(databaseUrl, options);
  const owner = new pg.Pool({ connectionString: stack.ownerUrl(database), max: 6, types });
  // A connection that breaks while idle is told by the next query.
  owner.on("error", () => {});

  return {
    ...ledger,
    databaseUrl,
    owner,
    options,
    /** The operations that an alert was raised for. */
    refused,
    /** What was told to have been decided for the first time. */
    decided,

    /** What the owner reads. */
    async rows<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
      return (await owner.query<Row>(text, values)).rows;
    },

    /** Gives each user an account with this much. */
    async fund(userIds: string[], amount: string): Promise<void> {
      await ledger.post(
        "funding",
        userIds.map((userId) => deposit(userId, amount)),
      );
    },

    /** The operations in the outbox for this carrier, row by row, the oldest row first. */
    async outboxOf(workflowId: string): Promise<string[][]> {
      const { rows } = await owner.query<{ operation_ids: string[] }>(
        "select operation_ids from outbox where workflow_id = $1 order by id",
        [workflowId],
      );
      return rows.map((row) => row.operation_ids);
    },

    async availableMinor(userId: string): Promise<bigint | undefined> {
      return (await ledger.readBalance(userId))?.availableMinor;
    },

    async close(): Promise<void> {
      await ledger.close();
      await owner.end();
    },
  };
}

/**
 * What is wrong with the whole record, by the ledger's promises: a gap in an account's versions, a balance that does not follow from the
 * one before it, an account that does not stand where its last entry left it, a time that steps back. Empty where all is well.
 */
export async function audit({ rows }: Pick<TestLedger, "rows">): Promise<unknown[]> {
  return await rows(`
    with chained as (
      select *,
        row_number() over own as nth,
        lag(available_after_minor, 1, 0::bigint) over own as available_before_minor,
        lag(reserved_after_minor, 1, 0::bigint) over own as reserved_before_minor,
        lag(created_at, 1, created_at) over own as created_before,
        lead(version) over own is null as is_last
      from entries
      window own as (partition by user_id order by version)
    )
    select 'entry' as broken, user_id, version from chained
    where version <> nth
       or available_after_minor <> available_before_minor + available_delta_minor
       or reserved_after_minor <> reserved_before_minor + reserved_delta_minor
       or created_at < created_before
    union all
    select 'account', accounts.user_id, accounts.version
    from accounts
    left join chained on chained.user_id = accounts.user_id and chained.is_last
    where accounts.version <> coalesce(chained.version, 0)
       or accounts.available_minor <> coalesce(chained.available_after_minor, 0)
       or accounts.reserved_minor <> coalesce(chained.reserved_after_minor, 0)
       or accounts.last_entry_at is distinct from chained.created_at`);
}

/** "completed", "mismatched", or the code of the decline. */
export function wordOf(outcome: Outcome): string {
  return outcome.status === "declined" ? outcome.code : outcome.status;
}

/** How often each word stands there. */
export function tally(words: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
