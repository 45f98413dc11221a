import { expect, test } from "bun:test";
import { type Answer, get } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { readReservation, reserve, settle } from "../support/api/reservations.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

type Item = Answer["body"];

function list(userId: string, query: Record<string, string> = {}): Promise<Answer> {
  return get(`/v1/users/${userId}/reservations?${new URLSearchParams(query)}`);
}

async function reserveMany(userId: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) ids.unshift((await reserve(userId, "1.00")).reservationId);
  return ids;
}

function idsOf({ body }: Answer): string[] {
  return body.items.map(({ reservationId }: Item) => reservationId);
}

test("a user's reservations are listed newest first, each as it reads alone, optionally by state", async () => {
  const [userId, otherUserId] = [await userWith("10.00"), await userWith("10.00")];
  await reserveMany(otherUserId, 1);
  const ids = await reserveMany(userId, 4);
  await settle(ids[0]!, "releases");
  await settle(ids[2]!, "recognitions");
  await settle(ids[3]!, "recognitions", { amount: "0.50", final: false });

  const all = await list(userId);
  const { operations: _, ...first } = await readReservation(ids[0]!);
  expect(all.status).toBe(200);
  expect(all.body.items[0]).toEqual(first);
  expect(new Set(Object.keys(all.body))).toEqual(new Set(["items", "nextCursor"]));
  expect([idsOf(all), all.body.nextCursor]).toEqual([ids, null]);
  expect(idsOf(await list(userId, { state: "open" }))).toEqual([ids[1]!, ids[3]!]);
  expect(idsOf(await list(userId, { state: "settled" }))).toEqual([ids[0]!, ids[2]!]);
});

test("a user without reservations has an empty list, and an unknown user is account_unknown", async () => {
  const userId = await userWith("1.00");
  const unknown = uniqueUserId("unknown");
  for (const query of [{}, { state: "open" }]) {
    expect((await list(userId, query)).body).toEqual({ items: [], nextCursor: null });
    expectProblem(await list(unknown, query), "account_unknown", `/v1/users/${unknown}/reservations`);
  }
});

test("pages neither skip nor repeat while new reservations arrive, and end with a null cursor", async () => {
  const userId = await userWith("50.00");
  const ids = await reserveMany(userId, 9);
  for (const limit of [1, 2, 4, 9]) {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list(userId, { limit: `${limit}`, ...(cursor && { cursor }) });
      expect(page.body.items.length).toBeLessThanOrEqual(limit);
      seen.push(...idsOf(page));
      cursor = page.body.nextCursor;
      const [arrived] = await reserveMany(userId, 1);
      if (cursor) expect(seen).not.toContain(arrived!);
    } while (cursor);
    const before = seen.slice(seen.indexOf(ids[0]!));
    expect([limit, before]).toEqual([limit, ids]);
    expect(new Set(seen).size).toBe(seen.length);
  }
}, 60_000);

test("reservations of one posting with equal times are paged without skip or repeat", async () => {
  const userId = await userWith("50.00");
  const made = await Promise.all(Array.from({ length: 30 }, () => reserve(userId, "1.00")));
  const times = new Set(made.map(({ completedAt }) => completedAt));
  expect(times.size).toBeLessThan(30);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await list(userId, { limit: "7", state: "open", ...(cursor && { cursor }) });
    seen.push(...idsOf(page));
    cursor = page.body.nextCursor;
  } while (cursor);
  expect(seen).toHaveLength(30);
  expect(new Set(seen)).toEqual(new Set(made.map(({ reservationId }) => reservationId)));
});

test("a page has 20 reservations by default, and 100 at most", async () => {
  const userId = await userWith("50.00");
  await Promise.all(Array.from({ length: 22 }, () => reserve(userId, "1.00")));
  expect((await list(userId)).body.items).toHaveLength(20);
  expect((await list(userId, { limit: "100" })).body.items).toHaveLength(22);
});

test("a cursor of another user or state, or changed in any way, is refused with a code of its own", async () => {
  const [userId, another] = [await userWith("10.00"), await userWith("10.00")];
  await reserveMany(userId, 2);
  await reserveMany(another, 2);
  const query = { limit: "1", state: "open" };
  const cursor: string = (await list(userId, query)).body.nextCursor;
  expect((await list(userId, { ...query, cursor })).status).toBe(200);
  // The limit is not part of the cursor.
  expect((await list(userId, { ...query, limit: "50", cursor })).body.items).toHaveLength(1);

  const [position, seal] = cursor.split(".") as [string, string];
  const changed = [
    ...["", "x", ".", `${position}.`, `.${seal}`, position, `${cursor}.`, `${cursor}.x`, `${cursor}=`, ` ${cursor}`],
    ...[`${position}=.${seal}`, `${position}!.${seal}`, `${cursor.slice(0, -1)}`, `x${cursor}`, cursor.toUpperCase()],
    `${Buffer.from(`0:${crypto.randomUUID()}`).toString("base64url")}.${seal}`,
  ];
  const refused: [user: string, query: Record<string, string>][] = [
    [another, { ...query, cursor }],
    [userId, { limit: "1", cursor }],
    [userId, { limit: "1", state: "settled", cursor }],
    ...changed.map((one): [string, Record<string, string>] => [userId, { ...query, cursor: one }]),
  ];
  for (const [user, parameters] of refused) {
    const answer = await list(user, parameters);
    expect([parameters, answer.status]).toEqual([parameters, 400]);
    expectProblem(answer, "invalid_cursor", `/v1/users/${user}/reservations`, {
      errors: [{ field: "cursor", message: expect.any(String) }],
    });
  }
});

test("a bad limit, state or parameter, and a cursor of any length, is refused by name", async () => {
  const bad: [field: string, value: string][] = [
    ...["0", "101", "-1", "1.5", "01", "1e1", "x", "", " 1", "1000"].map((one): [string, string] => ["limit", one]),
    ...["Open", "all", "expired", ""].map((one): [string, string] => ["state", one]),
    ...[["cursor", "x".repeat(513)] as [string, string], ["offset", "1"] as [string, string]],
  ];
  for (const [field, value] of bad) {
    const answer = await list("alice", { [field]: value });
    const [error] = answer.body.errors ?? [];
    expect([field, value, answer.status, error?.field]).toEqual([field, value, 400, field]);
    expectProblem(answer, "invalid_request", "/v1/users/alice/reservations", {
      errors: [{ field, message: error.message }],
    });
  }
});
