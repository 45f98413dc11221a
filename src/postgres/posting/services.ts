import type { Pool, PoolClient } from "pg";
import type { Decision } from "../../ledger/decide.ts";
import type { Service } from "../../ledger/records.ts";

/**
 * Registers new services that completed reservations name; an existing name stays.
 * Of several names for one service the first in the list is stored. Deadlock-free: this is the last locking statement
 * of the transaction, and rows are inserted in `service_id` order.
 */
export async function registerServices(client: PoolClient, { decided }: Pick<Decision, "decided">): Promise<void> {
  const named = decided.flatMap(({ operation: { kind, request }, decline }) =>
    kind === "reservation" && request.serviceName !== undefined && !decline
      ? [{ serviceId: request.serviceId, name: request.serviceName }]
      : [],
  );
  if (named.length === 0) return;
  await client.query({
    name: "register-services",
    text: `
      insert into services (service_id, name)
      select service_id, name
      from unnest($1::text[], $2::text[]) with ordinality as named (service_id, name, place)
      order by service_id collate "C", place
      on conflict do nothing`,
    values: [named.map(({ serviceId }) => serviceId), named.map(({ name }) => name)],
  });
}

/** Sets or changes the name of a service. */
export async function nameService(pool: Pool, { serviceId, name }: Service): Promise<void> {
  await pool.query({
    name: "name-service",
    text: `
      insert into services (service_id, name)
      values ($1, $2)
      on conflict (service_id) do update set name = excluded.name`,
    values: [serviceId, name],
  });
}
