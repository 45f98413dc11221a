import { expect, test } from "bun:test";
import { type Answer, post } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { awaitSettled, moneyOf, pathOf, reserve } from "../support/api/reservations.ts";

const RACES = 60;

/** From shortly before the deadline until the saga's timer has fired. */
const AIM_MS = { from: -50, to: 150 };

const AFTER: Record<string, string> = {
  recognition: "60.00 + 0.00",
  release: "100.00 + 0.00",
  expiry: "100.00 + 0.00",
};

/** Races a recognition and a release against the expiry of one reservation. @returns which of them won */
async function race(userId: string): Promise<string> {
  const { reservationId, expiresAt } = await reserve(userId, "40.00", { ttlSeconds: 1 });
  const aim = async (route: "recognitions" | "releases"): Promise<Answer> => {
    const at = Date.parse(expiresAt) + AIM_MS.from + Math.random() * (AIM_MS.to - AIM_MS.from);
    await Bun.sleep(at - Date.now());
    return await post(pathOf(reservationId, route), {}, { wait: 30 });
  };
  const [recognition, release] = await Promise.all([aim("recognitions"), aim("releases")]);
  const { operations, ...settled } = await awaitSettled(reservationId);

  const [, winner, ...others] = operations.map(({ kind }: Answer["body"]) => kind);
  expect(others).toEqual([]);
  const won = (kind: string) => (winner === kind ? "40.00" : "0.00");
  expect(settled).toMatchObject({
    recognized: won("recognition"),
    released: won("release"),
    expired: won("expiry"),
    remaining: "0.00",
  });
  const lost = winner === "expiry" ? "reservation_expired" : "reservation_settled";
  expect([recognition.body.code, release.body.code]).toEqual([
    winner === "recognition" ? undefined : lost,
    winner === "release" ? undefined : lost,
  ]);
  expect(await moneyOf(userId)).toBe(AFTER[winner]!);
  return winner;
}

test("in 60 races around the deadline, recognition, release and expiry settle a reservation once", async () => {
  const users: string[] = [];
  while (users.length < RACES) users.push(await userWith("100.00"));
  const races: Promise<string>[] = [];
  for (const userId of users) {
    races.push(race(userId));
    // Starts races at intervals, since races that begin together would be decided in one posting.
    await Bun.sleep(20);
  }
  expect(await Promise.all(races)).toHaveLength(RACES);
}, 60_000);
