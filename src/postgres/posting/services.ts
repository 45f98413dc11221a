import type { Pool, PoolClient } from "pg";
import type { Decision } from "../../ledger/decide.ts";
import type { Operation } from "../../ledger/operations.ts";
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

/** Returns the ids of the services that requests name. */
export function serviceIdsOf(operations: readonly Operation[]): string[] {
  return operations.flatMap(({ request }) => ("serviceId" in request ? [request.serviceId] : []));
}

/** Reads the names of services by id. They are given, or those of reservations and recognitions. */
export async function readServiceNames(
  client: PoolClient,
  serviceIds: string[],
  reservationIds: string[],
  recognitionIds: string[],
): Promise<Map<string, string>> {
  if (serviceIds.length + reservationIds.length + recognitionIds.length === 0) return new Map();
  const { rows } = await client.query<{ service_id: string; name: string }>({
    name: "read-service-names",
    text: `
      select services.*
      from (
        select unnest($1::text[])
        union
        select service_id from reservations where id = any ($2::uuid[])
        union
        select service_id from recognitions where id = any ($3::uuid[])
      ) as concerned (service_id)
      cross join lateral (select * from services where services.service_id = concerned.service_id limit 1) as services`,
    values: [serviceIds, reservationIds, recognitionIds],
  });
  return new Map(rows.map((row) => [row.service_id, row.name]));
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
