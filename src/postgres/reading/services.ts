import type { Pool } from "pg";
import type { Service } from "../../ledger/records.ts";

/** Lists services in the order of ids, at most `limit` after the id `after`. */
export async function listServices(pool: Pool, after: string | undefined, limit: number): Promise<Service[]> {
  const { rows } = await pool.query<{ service_id: string; name: string }>({
    name: "list-services",
    text: "select service_id, name from services where service_id > $1 order by service_id limit $2",
    values: [after ?? "", limit],
  });
  return rows.map((row) => ({ serviceId: row.service_id, name: row.name }));
}
