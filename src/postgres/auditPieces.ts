import type { Pool } from "pg";
import type { AuditPart, Finding } from "../ledger/audits.ts";

/**
 * One check of the audit, as it is made on a piece of the ledger. What it compares is local: an account with its last entry, an operation with
 * its entries. So a statement a piece, and with it one snapshot a piece, is enough: no snapshot is held while ten million rows are read, no row
 * is locked, and what is written meanwhile is either in the piece's snapshot whole or not at all.
 */
export type Check = {
  /** What its rows are counted as; undefined where each row is a finding. */
  counts?: string;
  /** The columns that the piece is walked by, which an index is in the order of. */
  key: string;
  /** Where the walk begins: before the first key. */
  start: Position;
  /** How many rows a piece has where they are costly. */
  rowsMax?: number;
  /** The rows behind the position $1, …; they come in the order of the key. */
  piece: string;
  /**
   * What is broken of `piece`: promise, sentence, and account_id, operation_id, reservation_id, workflow_id, month, or null for each. Each row is
   * compared with what an index finds for it: a lateral lookup, which cannot become a join that reads the whole other table.
   */
  findings: string;
};

/** Before the id of every row that has one. */
export const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/** The key of the last row that was checked. */
export type Position = (string | number)[];

/** Enough to make little of the round trip, few enough to take some tens of milliseconds. */
const PIECE_ROWS_MAX = 2_000;
/** Of a piece; what is behind them is counted. */
const FINDINGS_LISTED_MAX = 100;

/**
 * Checks the rows behind `after`, and says where it came to: undefined once there are no more. The statement has no name, and says how many rows
 * it is about, so that it is planned for a piece each time: planned for any number, it would read whole tables for each.
 */
export async function checkPiece(
  pool: Pool,
  { counts, key, rowsMax = PIECE_ROWS_MAX, piece, findings }: Check,
  after: Position,
): Promise<{ part: AuditPart; last: Position | undefined }> {
  const { rows } = await pool.query<PieceRow>({
    text: `
      with piece as materialized (${piece} order by ${key} limit ${rowsMax}),
      finding (promise, sentence, account_id, operation_id, reservation_id, workflow_id, month) as materialized (${findings})
      select
        (select count(*) from piece) as count,
        (select json_build_array(${key}) from piece order by (${key}) desc limit 1) as last,
        (select count(*) from finding) as findings_total,
        (select coalesce(json_agg(listed), '[]') from (select * from finding limit ${FINDINGS_LISTED_MAX}) as listed) as findings`,
    values: after,
  });
  const [row] = rows as [PieceRow];
  const count = Number(row.count);
  return {
    part: {
      checked: counts ? { [counts]: count } : {},
      findings: row.findings.map(toFinding),
      findingsTotal: Number(row.findings_total),
    },
    last: count < rowsMax ? undefined : row.last!,
  };
}

/** Minor units as readers know money. */
export function money(column: string): string {
  return `to_char(${column} / 100.0, 'FM99999999999999990.00')`;
}

type PieceRow = { count: bigint; last: Position | null; findings_total: bigint; findings: FindingRow[] };

type FindingRow = {
  promise: number;
  sentence: string;
  account_id: string | null;
  operation_id: string | null;
  reservation_id: string | null;
  workflow_id: string | null;
  month: string | null;
};

function toFinding(row: FindingRow): Finding {
  return {
    promise: row.promise,
    sentence: row.sentence,
    ...(row.account_id !== null && { accountId: row.account_id }),
    ...(row.operation_id !== null && { operationId: row.operation_id }),
    ...(row.reservation_id !== null && { reservationId: row.reservation_id }),
    ...(row.workflow_id !== null && { workflowId: row.workflow_id }),
    ...(row.month !== null && { month: row.month }),
  };
}
