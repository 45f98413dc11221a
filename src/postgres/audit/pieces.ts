import type { Pool } from "pg";
import type { AuditPart, Finding } from "../../ledger/audits.ts";
import type { BlockRanges } from "../../ledger/walks.ts";

/**
 * One check of the audit, as it is made on a piece of the ledger. What it compares is local: an account with its last entry, an operation with
 * its entries. So a statement a piece, and with it one snapshot a piece, is enough: no snapshot is held while ten million rows are read, no row
 * is locked, and what is written meanwhile is either in the piece's snapshot whole or not at all.
 */
export type Check = (KeyWalk | BlockWalk) & {
  /** What its rows are counted as; undefined where each row is a finding. */
  counts?: string;
  /** `compared`: the rows of `piece` with what each is compared with. */
  compared?: string;
  /** For rules that do not say it. */
  about?: FindingRule["about"];
  findings: readonly FindingRule[];
};

/**
 * One way in which a promise is broken: each row of `from` that fits `where` is a finding. Rows of a piece are compared with what an index
 * finds for each: a lateral lookup, which cannot become a join that reads the whole other table.
 */
export type FindingRule = {
  promise: number;
  /** SQL expressions stand in braces; `:money` and `:time` say how they are written. */
  sentence: string;
  /** SQL expressions of the ids that the finding names. */
  about?: Partial<Record<Exclude<keyof Finding, "promise" | "sentence">, string>>;
  /** `compared` where the check has it, else `piece`. */
  from?: string;
  where?: string;
};

/** In the order of an index: for tables whose rows are updated, and for the few rows of a table that fit a condition. */
export type KeyWalk = {
  /** The columns that the piece is walked by, which an index is in the order of. */
  key: string;
  /** Where the walk begins: before the first key. */
  start: Position;
  /** How many rows a piece has where they are costly. */
  rowsMax?: number;
  /** The rows behind the position $1, …; they come in the order of the key. */
  piece: string;
};

/**
 * In the order of the table's blocks: for tables whose rows are never updated or deleted, so that none moves while the walk goes on. Rows
 * that were written together are close together, so what they are compared with is in memory. In the order of a random key each row took
 * two reads of blocks that were in no cache. An audit walks over ranges of blocks (src/ledger/walks.ts).
 */
export type BlockWalk = {
  table: "entries" | "operations" | "revenue";
  /** How many blocks a piece has, where not as many as usual. */
  blocksMax?: number;
  /** The rows of the piece, where they are not those of the blocks themselves; `walked` is the subquery of those. */
  piece?: (walked: string) => string;
};

/** Before the id of every row that has one. */
export const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/** The key of the last row that was checked, or the ranges of blocks that are left. */
export type Position = (string | number)[];

/** Enough to make little of the round trip, few enough to take some tens of milliseconds. */
const PIECE_ROWS_MAX = 2_000;
/** Of 8 KiB each: about 3,000 entries, or 2,000 operations. */
const PIECE_BLOCKS_MAX = 64;
/** Of a piece; what is behind them is counted. */
const FINDINGS_LISTED_MAX = 100;

/**
 * Checks the next piece from `position` on, and says where it came to: undefined once there are no more. The statement has no name, and says
 * how many rows it is about, so that it is planned for a piece each time: planned for any number, it would read whole tables for each.
 */
export async function checkPiece(
  pool: Pool,
  check: Check,
  position: Position,
): Promise<{ part: AuditPart; last: Position | undefined }> {
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
        (select coalesce(json_agg(listed), '[]') from (select * from finding limit ${FINDINGS_LISTED_MAX}) as listed) as findings`,
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

/** The findings of one rule, in three columns: whatever it is about stands in the third. */
function findingsOf(rule: FindingRule, { compared, about = {} }: Check): string {
  const ids = Object.entries(rule.about ?? about).flatMap(([name, expression]) => [`'${name}'`, expression]);
  return `
    select ${rule.promise} as promise, ${toFormat(rule.sentence)} as sentence, json_strip_nulls(json_build_object(${ids})) as about
    from ${rule.from ?? (compared ? "compared" : "piece")}
    where ${rule.where ?? "true"}`;
}

/** SQL that makes the sentence. */
function toFormat(sentence: string): string {
  const values: string[] = [];
  const format = sentence.replaceAll(/\{(.+?)(?::(money|time))?\}/g, (_, expression: string, kind?: string) => {
    if (kind === "money") values.push(money(`(${expression})`));
    else values.push(kind === "time" ? `to_json(${expression}) #>> '{}'` : expression);
    return "%s";
  });
  return `format(${[`'${format.replaceAll("'", "''")}'`, ...values].join(", ")})`;
}

/** A piece, and the query of the position behind it: null where no more follows. */
type Piece = { piece: string; last: string; values: Position };

function nextRows({ key, rowsMax = PIECE_ROWS_MAX, piece }: KeyWalk, after: Position): Piece {
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

/** Minor units as readers know money. */
export function money(column: string): string {
  return `to_char(${column} / 100.0, 'FM99999999999999990.00')`;
}

type PieceRow = {
  count: bigint;
  last: Position | null;
  findings_total: bigint;
  findings: (Pick<Finding, "promise" | "sentence"> & { about: Omit<Finding, "promise" | "sentence"> })[];
};
