import { type Answer, post } from "./api.ts";
import { eventually } from "./eventually.ts";

export type Asked = { path: string; body: object; key: string };
export type Done = { asked: Asked; answer: Answer };

/** After that a client asks again, whether its first request is still under way or not. */
const PATIENCE_MS = 1_500;

/** Few, so that reservations by their fields come upon several candidates. */
const ORDERS = 3;

/** Invents requests of every kind between few users: many meet at one account or one reservation, and some are declined. */
export function createMixedLoad(users: string[]) {
  const reservationIds: string[] = [];
  const recognitionIds: string[] = [];

  function inventRequest(): Omit<Asked, "key"> {
    const userId = oneOf(users)!;
    const amount = `${1 + below(6)}.0${below(6)}`;
    const order = { userId, serviceId: "promotion", orderId: `order-${below(ORDERS)}` };
    const [reservationId, recognitionId] = [oneOf(reservationIds.slice(-20)), oneOf(recognitionIds.slice(-20))];
    const turn = Math.random();
    if (turn < 0.2) return { path: "/v1/transfers", body: { fromUserId: userId, toUserId: otherThan(userId), amount } };
    if (turn < 0.35) return { path: "/v1/deposits", body: { userId, amount } };
    if (turn < 0.42) return { path: "/v1/withdrawals", body: { userId, amount } };
    if (turn < 0.62 || !reservationId) {
      // Some expire while the service is down, or while it works; some outlive the test.
      return { path: "/v1/reservations", body: { ...order, amount, ttlSeconds: oneOf([1, 5, 600]) } };
    }
    if (turn < 0.67) return { path: "/v1/recognitions", body: { ...order, amount } };
    if (turn < 0.71) return { path: "/v1/releases", body: order };
    const reservation = `/v1/reservations/${reservationId}`;
    if (turn < 0.81) return { path: `${reservation}/recognitions`, body: { amount: "0.50", final: below(2) === 0 } };
    if (turn < 0.87) return { path: `${reservation}/releases`, body: below(2) === 0 ? {} : { amount: "0.25" } };
    if (turn < 0.94 || !recognitionId) return { path: `${reservation}/extensions`, body: { ttlSeconds: 1 + below(5) } };
    return { path: "/v1/refunds", body: { recognitionId, ...(below(2) === 0 && { amount: "0.10" }) } };
  }

  function otherThan(userId: string): string {
    return oneOf(users.filter((other) => other !== userId))!;
  }

  return {
    /** Asks for one thing until its answer is final, and remembers what further requests may be about. */
    async ask(): Promise<Done> {
      const asked = { ...inventRequest(), key: crypto.randomUUID() };
      const answer = await askUntilFinal(asked);
      const { operationId, kind, status } = answer.body;
      if (status === "completed" && kind === "reservation") reservationIds.push(operationId);
      if (status === "completed" && kind === "recognition") recognitionIds.push(operationId);
      return { asked, answer };
    },
  };
}

/** As a careful client does: the same key again until the answer is final, whatever happens to the connection or the service. */
async function askUntilFinal({ path, body, key }: Asked): Promise<Answer> {
  return await eventually(async () => {
    const answer = await Promise.race([post(path, body, { key, wait: 5 }), Bun.sleep(PATIENCE_MS)]);
    return answer !== undefined && (answer.status === 200 || answer.status === 422) && answer;
  }, 60_000);
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

function oneOf<Item>(items: readonly Item[]): Item | undefined {
  return items[below(items.length)];
}
