import { type Answer, type Asking, apiUrl, post } from "./api.ts";
import { userWith } from "./funds.ts";
import { holdAccount } from "./heldAccount.ts";
import { SERVICE_ID, uniqueOrderId } from "./reservations.ts";

/** Asks for a reservation of an order of its own. */
export function askToReserve(userId: string, amount: string, asking: Asking, ttlSeconds = 600): Promise<Answer> {
  const body = { userId, serviceId: SERVICE_ID, orderId: uniqueOrderId(), amount, ttlSeconds };
  return post("/v1/reservations", body, asking);
}

/** One saga of several: what is asked of one process while a carrier of its is on its way shares the next one. Each user reserves 1.00. */
export async function reserveTogether(users: string[], ttlSeconds = 600): Promise<Answer[]> {
  const stuck = await userWith("10.00");
  await using _account = await holdAccount(stuck);
  await post("/v1/withdrawals", { userId: stuck, amount: "1.00" }, { origin: apiUrl });
  const asking = { wait: 20, origin: apiUrl };
  const answers = await Promise.all(users.map((userId) => askToReserve(userId, "1.00", asking, ttlSeconds)));
  const sagas = new Set(answers.map(({ body }) => body.workflowId));
  if (sagas.size !== 1) throw new Error(`There are ${sagas.size} sagas: ${[...sagas].join(", ")}`);
  return answers;
}
