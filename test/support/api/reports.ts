import { uniqueUserId } from "../ledger/operations.ts";
import { connectOwner } from "../stack/owner.ts";
import { type Answer, get, stack } from "./client.ts";
import { userWith } from "./funds.ts";
import { reserve, settle } from "./reservations.ts";

export const REPORTS_PATH = "/v1/reports/revenue";

export function getReport(month: string): Promise<Answer> {
  return get(`${REPORTS_PATH}?month=${month}`);
}

/** Downloads a file by its link, with no token; at another replica where its origin is given. */
export async function download(
  url: string,
  origin?: string,
): Promise<{ status: number; headers: Headers; text: string }> {
  const target = origin === undefined ? url : url.replace(stack.environment.PUBLIC_URL!, origin);
  const response = await fetch(target);
  return {
    status: response.status,
    headers: response.headers,
    text: Buffer.from(await response.arrayBuffer()).toString(),
  };
}

/** The SHA-256 of a text's bytes, as reports have it. */
export function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

/** Earns a service so much through the API, now. @returns the service's id. */
export async function earn(amount: string, serviceId = uniqueUserId("service")): Promise<string> {
  const { reservationId } = await reserve(await userWith(amount), amount, { serviceId });
  await settle(reservationId, "recognitions");
  return serviceId;
}

/** Time cannot be made to pass, but what a service has earned can be made to be of a month that is over. */
export async function moveRevenue(serviceId: string, month: string): Promise<void> {
  await using owner = await connectOwner();
  const { rowCount } = await owner.query("update revenue set month = $2 where service_id = $1", [
    serviceId,
    `${month}-01`,
  ]);
  if (rowCount === 0) throw new Error(`${serviceId} has no revenue`);
}

export async function nameService(serviceId: string, name: string): Promise<void> {
  await using owner = await connectOwner();
  await owner.query(
    "insert into services (service_id, name) values ($1, $2) on conflict (service_id) do update set name = $2",
    [serviceId, name],
  );
}

/** The running month in the time zone of the stack's reports. */
export function runningMonth(at = new Date()): string {
  return new Intl.DateTimeFormat("sv", { timeZone: "Europe/Moscow", year: "numeric", month: "2-digit" }).format(at);
}
