import type { PoolClient } from "pg";
import type { Revenue } from "../../ledger/records.ts";
import { columnsOf } from "../arrays.ts";
import { firstDay, openMonth } from "./months.ts";

/**
 * Appends revenue rows: earnings of services, and refunds as negative amounts.
 * They go into the month of their entries.
 */
export async function insertRevenue(client: PoolClient, revenue: Revenue[], at: Date, month: string): Promise<void> {
  await client.query({
    name: "insert-revenue",
    text: `
      insert into revenue (operation_id, service_id, amount_minor, created_at, month)
      select booked.*, $1, ${openMonth("$2")}
      from unnest($3::uuid[], $4::text[], $5::bigint[]) as booked`,
    values: [at, firstDay(month), ...columnsOf(revenue, "operationId", "serviceId", "amountMinor")],
  });
}
