import pg from "pg";
import type { Decided } from "../../../src/ledger/decide.ts";
import { createMonthOf } from "../../../src/ledger/months.ts";
import type { Operation, Outcome } from "../../../src/ledger/operations.ts";
import type { EntryKey } from "../../../src/ledger/records.ts";
import { createDatabase } from "../../../src/postgres/database.ts";
import { closePools, createPools, onPool } from "../../../src/postgres/pools.ts";
import { createKnownAccounts } from "../../../src/postgres/posting/knownAccounts.ts";
import { createOutboxStore, createPostingStore } from "../../../src/postgres/posting/postingStore.ts";
import { nameService } from "../../../src/postgres/posting/services.ts";
import type { PostingOptions } from "../../../src/postgres/posting/transaction.ts";
import { type EntryRange, readEntryPage } from "../../../src/postgres/reading/entryPages.ts";
import { createReadingStore } from "../../../src/postgres/reading/readingStore.ts";
import { createReportStore } from "../../../src/postgres/reading/reportStore.ts";
import { stack } from "../api/client.ts";
import { at } from "../stack/settings.ts";
import { deposit } from "./operations.ts";

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, BigInt);

/** Default TTL of a reservation. */
export const DEFAULT_TTL_SECONDS = 3_600;

/** All stores of one process on this database. */
export function openLedger(databaseUrl: string, options: PostingOptions) {
  const pools = createPools(createDatabase(at(databaseUrl)));
  // Hundreds of calls wait for a free connection, longer than the service allows.
  for (const pool of Object.values(pools)) Object.assign(pool.options, { connectionTimeoutMillis: 30_000 });
  return {
    ...createPostingStore(pools, options),
    ...createOutboxStore(pools),
    ...createReadingStore(pools),
    ...onPool(pools.reading, { nameService }),
    ...createReportStore(pools, options.monthOf),
    readEntryPage: (range: EntryRange, after: EntryKey | undefined) => readEntryPage(pools.reading, range, after),
    close: () => closePools(pools),
  };
}

export type TestLedger = Awaited<ReturnType<typeof createTestLedger>>;

/** A ledger on a new database, with queries that run as the owner. `create` returns the address of the database. */
export async function createTestLedger(database: string, create = stack.createDatabase) {
  const databaseUrl = await create(database);
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
  // An error on an idle connection is reported by the next query.
  owner.on("error", () => {});

  return {
    ...ledger,
    databaseUrl,
    owner,
    options,
    /** Operations for which an alert was raised. */
    refused,
    /** Operations that were reported as decided for the first time. */
    decided,

    /** Queries as the owner. */
    async rows<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
      return (await owner.query<Row>(text, values)).rows;
    },

    /** Creates an account with this balance for each user. */
    async fund(userIds: string[], amount: string): Promise<void> {
      await ledger.post(
        "funding",
        userIds.map((userId) => deposit(userId, amount)),
      );
    },

    /** The carrier's outbox rows, oldest first, each as its operation ids. */
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
 * Finds inconsistent entries and accounts.
 *
 * They are gaps in versions, balances that do not follow from the one before, and times that step back. Accounts that
 * differ from their last entry are found too. Empty where the ledger is consistent.
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

/** "completed", "mismatched" or the decline code. */
export function wordOf(outcome: Outcome): string {
  return outcome.status === "declined" ? outcome.code : outcome.status;
}

/** Counts equal words. */
export function tally(words: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
