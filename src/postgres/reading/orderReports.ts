import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { formatAmount } from "../../ledger/money.ts";
import { ORDERS_HEADER, type ServiceLines, writeOrders } from "../../ledger/ordersReport.ts";
import type { Frozen, Total } from "../../ledger/reports.ts";
import { money, time } from "../formats.ts";
import { inTransaction, readClock } from "../pool.ts";
import { firstDay } from "../posting/months.ts";
import { NAMES, type Names } from "./revenueReports.ts";

/** Lines of a piece: about half a megabyte, read in some tens of milliseconds. */
const PIECE_LINES_MAX = 5_000;

/** The line before the next piece. Times are text, because a `Date` would cut their microseconds. */
type Position = { serviceId: string; createdAt: string; operationId: string };

const START: Position = { serviceId: "", createdAt: "-infinity", operationId: "00000000-0000-0000-0000-000000000000" };

/** A part of the file, and the sum of its lines. */
type Piece = { csv: Uint8Array; totalMinor: bigint };

/**
 * Freezes the hash of a closed month's orders, whose names are frozen.
 * The file itself may have ten million lines. It is not stored, but written from the same rows again on each download.
 * `onPiece` is called for each piece.
 * @throws where the sum of the lines differs from the month's revenue: then no hash is written
 */
export async function freezeOrders(
  pool: Pool,
  month: string,
  revenueMinor: bigint,
  onPiece: () => void,
): Promise<Frozen<Total>> {
  const frozen = await findOrders(pool, month);
  if (frozen) return frozen;

  const hash = createHash("sha256");
  let totalMinor = 0n;
  for await (const piece of readOrders(pool, month, "frozen")) {
    hash.update(piece.csv);
    totalMinor += piece.totalMinor;
    onPiece();
  }
  if (totalMinor !== revenueMinor) {
    const [orders, revenue] = [totalMinor, revenueMinor].map(formatAmount);
    throw new Error(`The orders of ${month} total ${orders}, but its revenue report ${revenue}`);
  }
  await pool.query(
    `insert into order_reports (month, sha256, total_minor, generated_at) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [firstDay(month), hash.digest("hex"), totalMinor, await readClock(pool)],
  );
  return (await findOrders(pool, month))!;
}

export async function findOrders(database: Pool | PoolClient, month: string): Promise<Frozen<Total> | undefined> {
  const { rows } = await database.query<{ sha256: string; total_minor: bigint; generated_at: Date }>({
    name: "find-order-report",
    text: "select sha256, total_minor, generated_at from order_reports where month = $1",
    values: [firstDay(month)],
  });
  const [row] = rows;
  return row && { sha256: row.sha256, totalMinor: row.total_minor, generatedAt: row.generated_at };
}

/**
 * Reads the file of a month's orders in pieces. Its lines are ordered by service, then by time, then by operation.
 * No connection and no snapshot is held between two pieces. So a slow reader delays nothing, and in a month that is
 * still open the file may lack lines that were booked meanwhile.
 */
export async function* readOrders(pool: Pool, month: string, names: Names): AsyncGenerator<Piece, void> {
  yield { csv: Buffer.from(ORDERS_HEADER), totalMinor: 0n };
  let position: Position | undefined = START;
  while (position) {
    const after: Position = position;
    const services = await inTransaction(pool, (client) => readPiece(client, month, names, after));
    if (services.length === 0) return;
    yield { csv: writeOrders(services), totalMinor: services.reduce((sum, { totalMinor }) => sum + totalMinor, 0n) };
    const lines = services.reduce((sum, service) => sum + service.lines, 0);
    position = lines < PIECE_LINES_MAX ? undefined : services.at(-1)!.last;
  }
}

type ServicePiece = ServiceLines & { lines: number; totalMinor: bigint; last: Position };

/**
 * Reads the next lines, joined by service. A piece is one range of the index `entries_of_revenue`, in its order.
 * Without bitmap scans the planner has no other way. It expects few rows after the position, and would read and sort
 * all that remain, for each piece. The text is joined in SQL: ten million rows would block the event loop for a minute.
 */
async function readPiece(client: PoolClient, month: string, names: Names, after: Position): Promise<ServicePiece[]> {
  await client.query("set local enable_bitmapscan = off");
  const { rows } = await client.query<PieceRow>({
    name: `read-orders-${names}`,
    text: `
      select read.service_id, coalesce(services.name, read.service_id) as name, rest, lines, total_minor, last_time, last_operation_id
      from (
        select service_id, count(*)::int as lines, sum(signed_minor) as total_minor,
          string_agg(
            concat_ws(';', order_id, user_id, operation_id, ${money("signed_minor")}, ${time("created_at")}) || E'\\n', ''
            order by created_at, operation_id) as rest,
          max(created_at)::text as last_time, (array_agg(operation_id order by created_at desc, operation_id desc))[1] as last_operation_id
        from (
          select service_id, order_id, user_id, operation_id, created_at,
            case kind when 'refund' then -amount_minor else amount_minor end as signed_minor
          from entries
          where month = $1 and kind in ('recognition', 'refund')
            and (service_id, created_at, operation_id) > ($2, $3::timestamptz, $4::uuid)
          order by service_id, created_at, operation_id
          limit ${PIECE_LINES_MAX}
        ) as piece
        group by service_id
      ) as read
      left join ${NAMES[names]} using (service_id)
      order by read.service_id`,
    values: [firstDay(month), after.serviceId, after.createdAt, after.operationId],
  });
  return rows.map((row) => ({
    serviceId: row.service_id,
    name: row.name,
    rest: row.rest,
    lines: row.lines,
    totalMinor: BigInt(row.total_minor),
    last: { serviceId: row.service_id, createdAt: row.last_time, operationId: row.last_operation_id },
  }));
}

type PieceRow = {
  service_id: string;
  name: string;
  rest: string;
  lines: number;
  total_minor: string;
  last_time: string;
  last_operation_id: string;
};
