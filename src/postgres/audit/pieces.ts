import type { Pool } from "pg";
import { type AuditPart, FINDINGS_MAX, type Finding } from "../../ledger/audits.ts";
import type { BlockRanges, CheckPosition } from "../../ledger/walks.ts";
import { money } from "../formats.ts";

/**
 * One check of the audit. It reads its table in pieces, with one statement for each.
 *
 * Comparisons are local: an account with its last entry, an operation with its entries. So one snapshot for each piece
 * is enough. No snapshot is held while ten million rows are read, and no row is locked. A piece's snapshot contains
 * each concurrent transaction whole or not at all.
 */
export type Check = (KeyWalk | BlockWalk) & {
  /** Name of the count of its rows. Undefined where each row is a finding. */
  counts?: string;
  /** Query of the rows of `piece`, each joined to the rows to compare it with. Its name in SQL is `compared`. */
  compared?: string;
  /** Default for the rules. */
  about?: FindingRule["about"];
  findings: readonly FindingRule[];
};

/**
 * A broken promise: each row of `from` that matches `where` is a finding.
 *
 * Rows of a piece are compared by lateral index lookups. A plain join could be planned as a scan of the whole other
 * table.
 */
export type FindingRule = {
  promise: number;
  /** Text with SQL expressions in braces. `:money` and `:time` are their formats. */
  sentence: string;
  /** SQL expressions of the finding's ids. */
  about?: Partial<Record<Exclude<keyof Finding, "promise" | "sentence">, string>>;
  /** By default `compared` where the check has it, else `piece`. */
  from?: string;
  where?: string;
};

/** A walk in the order of an index. It suits tables with updates, and few rows that match a condition. */
export type KeyWalk = {
  /** The columns of the order, which have an index. */
  key: string;
  /** A position before the first key. */
  start: CheckPosition;
  /** Rows of a piece, where the default is too costly. */
  rowsMax?: number;
  /** Query of the rows after the position $1, …, in the order of the key. */
  piece: string;
};

/**
 * A walk in the order of the table's blocks, for tables without updates and deletes.
 *
 * Their rows do not move during the walk. Rows that were written together are close together, so the rows to compare
 * them with are in memory. In the order of a random key each row took two reads of uncached blocks. The block ranges
 * are planned in src/ledger/walks.ts.
 */
export type BlockWalk = {
  table: "entries" | "operations" | "revenue";
  /** Blocks of a piece, where not the default. */
  blocksMax?: number;
  /** Query of the piece, where it is not the rows of the blocks. `walked` is the subquery of those rows. */
  piece?: (walked: string) => string;
};

/** An id before all others. */
export const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/** Rows of a piece. A statement takes some tens of milliseconds, far more than its round trip. */
const PIECE_ROWS_MAX = 2_000;
/** Blocks of a piece, of 8 KiB each: about 3,000 entries, or 2,000 operations. */
const PIECE_BLOCKS_MAX = 64;

/**
 * Checks the next piece from `position` on. `last` is its end, or undefined for the final piece.
 *
 * The statement is not a prepared one, and contains the number of rows. So PostgreSQL plans it for each piece. A plan
 * for an unknown number of rows would scan whole tables each time.
 */
export async function checkPiece(
  pool: Pool,
  check: Check,
  position: CheckPosition,
): Promise<{ part: AuditPart; last: CheckPosition | undefined }> {
  const isByBlock = "table" in check;
  const { piece, last, values } = isByBlock ? nextBlocks(check, position as number[]) : nextRows(check, position);
  const { rows } = await pool.query<PieceRow>({
    text: `
      with piece as materialized (${piece}),
      ${check.compared ? `compared as materialized (${check.compared}),` : ""}
      finding as materialized (${check.findings.map((rule) => findingsOf(rule, check)).join(" union all ")})
      select
        (select count(*) from piece) as count,
        (${last}) as last,
        (select count(*) from finding) as findings_total,
        (select coalesce(json_agg(listed), '[]') from (select * from finding limit ${FINDINGS_MAX}) as listed) as findings`,
    values,
  });
  const [row] = rows as [PieceRow];
  return {
    part: {
      checked: check.counts ? { [check.counts]: Number(row.count) } : {},
      findings: row.findings.map(({ promise, sentence, about }) => ({ promise, sentence, ...about })),
      findingsTotal: Number(row.findings_total),
    },
    last: row.last ?? undefined,
  };
}

/** SQL of the findings of one rule, in three columns: promise, sentence, ids. */
function findingsOf(rule: FindingRule, { compared, about = {} }: Check): string {
  const ids = Object.entries(rule.about ?? about).flatMap(([name, expression]) => [`'${name}'`, expression]);
  return `
    select ${rule.promise} as promise, ${toFormat(rule.sentence)} as sentence, json_strip_nulls(json_build_object(${ids})) as about
    from ${rule.from ?? (compared ? "compared" : "piece")}
    where ${rule.where ?? "true"}`;
}

/** SQL that formats the sentence. */
function toFormat(sentence: string): string {
  const values: string[] = [];
  const format = sentence.replaceAll(/\{(.+?)(?::(money|time))?\}/g, (_, expression: string, kind?: string) => {
    if (kind === "money") values.push(money(`(${expression})`));
    else values.push(kind === "time" ? `to_json(${expression}) #>> '{}'` : expression);
    return "%s";
  });
  return `format(${[`'${format.replaceAll("'", "''")}'`, ...values].join(", ")})`;
}

/** The queries of a piece and of its end. The end of the final piece is null. */
type Piece = { piece: string; last: string; values: CheckPosition };

function nextRows({ key, rowsMax = PIECE_ROWS_MAX, piece }: KeyWalk, after: CheckPosition): Piece {
  return {
    piece: `${piece} order by ${key} limit ${rowsMax}`,
    last: `
      select json_build_array(${key}) from piece
      where (select count(*) from piece) = ${rowsMax}
      order by (${key}) desc limit 1`,
    values: after,
  };
}

function nextBlocks(
  { table, blocksMax = PIECE_BLOCKS_MAX, piece = (walked) => `select * from ${walked}` }: BlockWalk,
  [first = 0, end = 0, ...others]: BlockRanges,
): Piece {
  const next = Math.min(first + blocksMax, end);
  const left = next < end ? [next, end, ...others] : others;
  return {
    piece: piece(`(select * from ${table} where ctid >= $1::tid and ctid < $2::tid) as walked`),
    last: left.length > 0 ? `json_build_array(${left})` : "null::json",
    values: [`(${first},0)`, `(${next},0)`],
  };
}

type PieceRow = {
  count: bigint;
  last: CheckPosition | null;
  findings_total: bigint;
  findings: (Pick<Finding, "promise" | "sentence"> & { about: Omit<Finding, "promise" | "sentence"> })[];
};
