import { type Answer, post, type RequestOptions } from "../api/client.ts";
import { SERVICE_ID, uniqueOrderId } from "../api/reservations.ts";
import { awaitIdle } from "../temporal/idle.ts";

/** Requests a reservation for a unique order. */
export function requestReservation(
  userId: string,
  amount: string,
  options: RequestOptions,
  ttlSeconds = 600,
): Promise<Answer> {
  const body = { userId, serviceId: SERVICE_ID, orderId: uniqueOrderId(), amount, ttlSeconds };
  return post("/v1/reservations", body, options);
}

/** Creates one saga with a reservation of 1.00 for each user, and nothing else. @returns the finished operations */
export async function reserveTogether(users: string[], ttlSeconds = 600): Promise<Answer["body"][]> {
  await awaitIdle();
  const operations = users.map((userId) => ({
    kind: "reservation",
    idempotencyKey: crypto.randomUUID(),
    ...{ userId, serviceId: SERVICE_ID, orderId: uniqueOrderId(), amount: "1.00", ttlSeconds },
  }));
  const { status, body } = await post("/v1/batches", { operations }, { key: null, wait: 20 });
  if (status !== 200) throw new Error(`The batch was answered ${status}: ${JSON.stringify(body)}`);
  return body.operations;
}
