import { eventually } from "../waiting.ts";
import { type Answer, get, post } from "./client.ts";

/** Another one than that of the examples, which have a name for it. */
export const SERVICE_ID = "ads";

/** Fields of a reservation except user and amount. The order is unique unless given. */
export type ReservationOptions = {
  serviceId?: string;
  serviceName?: string;
  orderId?: string;
  ttlSeconds?: number;
  comment?: string;
};

/** An order id that no other test uses. */
export function uniqueOrderId(): string {
  return `order-${crypto.randomUUID()}`;
}

/** Creates a reservation. @returns the finished operation */
export async function reserve(
  userId: string,
  amount: string,
  options: ReservationOptions = {},
): Promise<Answer["body"]> {
  const fields = { userId, serviceId: SERVICE_ID, orderId: uniqueOrderId(), amount, ...options };
  return await completed("/v1/reservations", fields);
}

/** Calls this route of the reservation. @returns the finished operation */
export async function settle(
  reservationId: string,
  route: "recognitions" | "releases" | "extensions",
  body: object = {},
): Promise<Answer["body"]> {
  return await completed(pathOf(reservationId, route), body);
}

export async function completed(path: string, body: object): Promise<Answer["body"]> {
  const answer = await post(path, body, { wait: 20 });
  if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export function pathOf(reservationId: string, route: "recognitions" | "releases" | "extensions"): string {
  return `/v1/reservations/${reservationId}/${route}`;
}

/** Reads the reservation and its operations. */
export async function readReservation(reservationId: string): Promise<Answer["body"]> {
  const { status, body } = await get(`/v1/reservations/${reservationId}`);
  if (status !== 200) throw new Error(`The reservation was answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Waits until nothing of the reservation remains, and returns it. */
export async function awaitSettled(reservationId: string, withinMs = 20_000): Promise<Answer["body"]> {
  return await eventually(async () => {
    const read = await readReservation(reservationId);
    return read.state === "settled" && read;
  }, withinMs);
}

/** The balance in the ledger as text: "60.00 + 40.00" for available and reserved. */
export async function moneyOf(userId: string): Promise<string> {
  const { body } = await get(`/v1/users/${userId}/balance?consistency=strong`);
  return `${body.available} + ${body.reserved}`;
}
