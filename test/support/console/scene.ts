import { createSaldo, type Saldo } from "../../../client/src/index.ts";

/** Money of one user that every view of the console has something to show of. */
export type Scene = {
  saldo: Saldo;
  userId: string;
  orderId: string;
  /** Open, with a recognized part. */
  openReservation: string;
  settledReservation: string;
  /** Nothing of it is refunded. */
  recognition: string;
  declined: string;
  reference: string;
  key: string;
};

const SERVICES = [
  ["promotion", "Ad promotion", "420.00"],
  ["photos", "Photo session", "310.50"],
  ["courier", "Courier delivery", "184.90"],
  ["badge", "Verified badge", "95.00"],
  ["banner", "Banner on the front page", "60.00"],
] as const;

const WAVES = 12;

/** Makes a scene over HTTP, with operations of every kind. `run` makes its ids unique. */
export async function makeScene(url: string, token: string, userId: string, run: string): Promise<Scene> {
  const saldo = createSaldo({ url, token });
  const done = async <Done>(outcome: Promise<{ status: string; operation?: Done }>): Promise<Done> => {
    const { status, operation } = await outcome;
    if (status !== "completed" || !operation) throw new Error(`An operation of the scene is ${status}`);
    return operation;
  };
  const friend = `boris-${run}`;
  const reference = `visa-${run}`;
  const key = `topup-${run}`;
  const topUp = { userId, amount: "2500.00", source: "Visa 4242", comment: "Top-up by card", reference };
  await done(saldo.deposit(topUp, { key }));
  await done(saldo.transfer({ fromUserId: userId, toUserId: friend, amount: "150.00", comment: "For the tickets" }));

  const settled: { reservationId: string; operationId: string }[] = [];
  for (const [serviceId, serviceName, amount] of SERVICES) {
    const orderId = `order-${serviceId}-${run}`;
    const { reservationId } = await done(saldo.reserve({ userId, serviceId, serviceName, orderId, amount }));
    const { operationId } = await done(saldo.recognizeReservation({ reservationId }));
    settled.push({ reservationId, operationId });
  }
  for (let wave = 1; wave <= WAVES; wave += 1) {
    const amount = `${40 + ((wave * 37) % 90)}.${`${(wave * 13) % 100}`.padStart(2, "0")}`;
    if (wave % 3 === 0) await done(saldo.withdraw({ userId, amount, destination: "Visa 4242" }));
    else await done(saldo.deposit({ userId, amount, source: "Mastercard 5454" }));
  }
  await done(saldo.refund({ recognitionId: settled[3]!.operationId, amount: "20.00", comment: "A day was missing" }));

  const orderId = `order-${run}`;
  const half = { userId, serviceId: "promotion", serviceName: "Ad promotion", orderId, amount: "600.00" };
  const { reservationId } = await done(saldo.reserve({ ...half, ttlSeconds: 400_000, comment: "Four weeks" }));
  await done(saldo.recognizeReservation({ reservationId, amount: "150.00", final: false, comment: "The first week" }));
  await done(saldo.reserve({ ...half, serviceId: "photos", serviceName: "Photo session", amount: "80.00" }));
  const cancelled = await done(saldo.reserve({ ...half, orderId: `order-2-${run}`, amount: "45.00" }));
  await done(saldo.releaseReservation({ reservationId: cancelled.reservationId, comment: "The order was cancelled" }));
  const declined = await saldo.withdraw({ userId, amount: "90000.00", destination: "Visa 4242" });
  if (declined.status !== "declined") throw new Error("A withdrawal of too much money was not declined");
  return {
    ...{ saldo, userId, orderId, reference, key },
    openReservation: reservationId,
    settledReservation: settled[0]!.reservationId,
    recognition: settled[0]!.operationId,
    declined: declined.problem.operationId!,
  };
}
