import type { Pool } from "pg";

/** The open reservations of one saga, by the workflow id that the ledger stores. */
export type OpenSaga = { workflowId: string; userIds: string[]; orderIds: string[]; reservationIds: string[] };

/** Sagas of a page. A saga may have thousands of reservations. */
const PAGE_SAGAS = 200;

/** Reads a page of the sagas with open reservations, in the order of their ids. The last page is empty. */
export async function readOpenSagas(pool: Pool, after: string): Promise<OpenSaga[]> {
  const { rows } = await pool.query({
    text: `
      select saga_workflow_id, array_agg(distinct user_id) as user_ids, array_agg(distinct order_id) as order_ids,
        array_agg(id) as reservation_ids
      from reservations
      where remaining_minor > 0 and saga_workflow_id > $1::text
      group by saga_workflow_id
      order by saga_workflow_id
      limit ${PAGE_SAGAS}`,
    values: [after],
  });
  return rows.map((row) => ({
    workflowId: row.saga_workflow_id,
    userIds: row.user_ids,
    orderIds: row.order_ids,
    reservationIds: row.reservation_ids,
  }));
}
