import { expect, test } from "bun:test";
import { get, post } from "../support/api/client.ts";
import { availableOf } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

async function expectRefused(path: string, field: string): Promise<void> {
  const answer = await get(path);
  const [error] = answer.body.errors ?? [];
  expect([path, answer.status, error?.field]).toEqual([path, 400, field]);
  expectProblem(answer, "invalid_request", path.split("?")[0]!, { errors: [{ field, message: error.message }] });
}

test("a bad user id in the path is refused", async () => {
  for (const userId of [
    "%20",
    ".alice",
    "al%20ice",
    "a%2Fb",
    "a@b",
    "%D0%B0",
    "%00",
    "%E0%A4%A",
    "a".repeat(65),
    "-",
  ]) {
    await expectRefused(`/v1/users/${userId}/balance`, "userId");
  }
});

test("a bad operation id in the path is refused", async () => {
  const id = crypto.randomUUID();
  for (const operationId of ["1", "x", id.replace(/./, "G"), id.replaceAll("-", ""), `${id}0`, `%7B${id}%7D`, "%00"]) {
    await expectRefused(`/v1/operations/${operationId}`, "operationId");
  }
});

test("a bad or unknown query parameter is refused", async () => {
  const operation = `/v1/operations/${crypto.randomUUID()}`;
  await expectRefused(`${operation}?workflowId=`, "workflowId");
  await expectRefused(`${operation}?workflowId=${"x".repeat(256)}`, "workflowId");
  await expectRefused(`${operation}?workflow=x`, "workflow");
  for (const consistency of ["other", "Strong", "STRONG", "strong%20", "", "true"]) {
    await expectRefused(`/v1/users/alice/balance?consistency=${consistency}`, "consistency");
  }
  await expectRefused("/v1/users/alice/balance?limit=1", "limit");
});

test("user ids are compared byte for byte: Bob and bob are two users", async () => {
  const id = uniqueUserId("Bob");
  const users = [id, id.toLowerCase(), id.toUpperCase(), `${id}.`, `${id}_`, `${id}:`];
  for (const [index, userId] of users.entries()) {
    const { status } = await post("/v1/deposits", { userId, amount: `${index + 1}.00` }, { wait: 20 });
    expect(status).toBe(200);
  }
  for (const [index, userId] of users.entries()) {
    const { body } = await get(`/v1/users/${userId}/balance`);
    expect(body).toMatchObject({ userId, available: `${index + 1}.00`, version: 1 });
    expect(await availableOf(userId)).toBe(`${index + 1}.00`);
  }
  const between = { fromUserId: users[0], toUserId: users[1], amount: "1.00" };
  expect((await post("/v1/transfers", between, { wait: 20 })).status).toBe(200);
  expect(await Promise.all(users.slice(0, 2).map(availableOf))).toEqual(["0.00", "3.00"]);
});

test("user ids of 1 and of 64 characters, with every allowed character, are accepted", async () => {
  const everything = `${"AZaz09._:-".repeat(5)}:${uniqueUserId("user")}`;
  expect(everything).toHaveLength(64);
  for (const userId of [everything, "a"]) {
    expect((await post("/v1/deposits", { userId, amount: "1.00" }, { wait: 20 })).body.userId).toBe(userId);
    expect((await get(`/v1/users/${userId}/balance`)).body.userId).toBe(userId);
  }
});
