import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { BAD_NAMES } from "../support/api/badInput.ts";
import { type Answer, get, post, put } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { reserve } from "../support/api/reservations.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

const uniqueServiceId = () => uniqueUserId("service");

async function listAll(limit = "100"): Promise<Answer["body"][]> {
  const items: Answer["body"][] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit, ...(cursor && { cursor }) });
    const { status, body } = await get(`/v1/services?${query}`);
    expect(status).toBe(200);
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor);
  return items;
}

async function nameOf(serviceId: string): Promise<string | undefined> {
  return (await listAll()).find((service) => service.serviceId === serviceId)?.name;
}

test("a service is named and renamed any number of times, without an Idempotency-Key", async () => {
  const serviceId = uniqueServiceId();
  const path = `/v1/services/${serviceId}`;
  for (const name of [
    "Ad promotion",
    "Ad promotion",
    "Продвижение; «реклама»",
    "=1+1",
    "x".repeat(200),
    "😀".repeat(200),
  ]) {
    const answer = await put(path, { name });
    expect([answer.status, answer.body]).toEqual([200, { serviceId, name }]);
    expect(answer.headers.get("preference-applied")).toBeNull();
    expect(await nameOf(serviceId)).toBe(name);
  }
});

test("a name in a reservation registers an unknown service and never renames a known one", async () => {
  const [userId, serviceId] = [await userWith("10.00"), uniqueServiceId()];
  await reserve(userId, "1.00", { serviceId });
  expect(await nameOf(serviceId)).toBeUndefined();
  const declined = { userId, serviceId, orderId: "order-1", amount: "100.00", serviceName: "Declined" };
  expect((await post("/v1/reservations", declined, { wait: 20 })).status).toBe(422);
  expect(await nameOf(serviceId)).toBeUndefined();
  await reserve(userId, "1.00", { serviceId, serviceName: "First" });
  await reserve(userId, "1.00", { serviceId, serviceName: "Second" });
  expect(await nameOf(serviceId)).toBe("First");
});

test("services are listed in pages in the order of ids, byte for byte", async () => {
  const tag = uniqueServiceId();
  const ids = ["b", "a", "B", "10", "9", "a.", "a_", "a-"].map((end) => `${tag}:${end}`);
  await Promise.all(ids.map((serviceId) => put(`/v1/services/${serviceId}`, { name: serviceId })));
  for (const limit of ["3", "100"]) {
    const listed = (await listAll(limit)).map(({ serviceId }) => serviceId);
    expect(listed).toEqual(listed.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))));
    expect(new Set(listed).size).toBe(listed.length);
    expect(new Set(listed.filter((one) => one.startsWith(tag)))).toEqual(new Set(ids));
  }
});

test("a bad name, a bad id or an unknown field is refused by name, and changes nothing", async () => {
  const serviceId = uniqueServiceId();
  const path = `/v1/services/${serviceId}`;
  const refused = async (at: string, body: unknown, fields: string[]) => {
    const answer = await put(at, body);
    const refused = answer.body.errors?.map(({ field }: { field: string }) => field);
    expect([at, body, answer.status, refused]).toEqual([at, body, 400, fields]);
    expectProblem(answer, "invalid_request", at, { errors: answer.body.errors });
  };
  for (const name of BAD_NAMES) await refused(path, { name }, ["name"]);
  await refused(path, {}, ["name"]);
  await refused(path, "", ["name"]);
  await refused(path, "[]", ["body"]);
  await refused(path, { name: "Good", serviceId }, ["serviceId"]);
  for (const bad of [".ads", "a%20b", "a".repeat(65), "%00"])
    await refused(`/v1/services/${bad}`, { name: "x" }, ["serviceId"]);
  expectProblem(await put(path, "{"), "invalid_request", path);
  expectProblem(await put(path, `{"name":"${"x".repeat(1024 * 1024)}"}`), "body_too_large", path);
  expect(await nameOf(serviceId)).toBeUndefined();
});

test("a bad or unknown parameter of the list, or a cursor of another list, is refused by name", async () => {
  for (const [field, value] of [
    ["limit", "0"],
    ["limit", "101"],
    ["offset", "1"],
    ["cursor", "x".repeat(513)],
  ]) {
    const answer = await get(`/v1/services?${field}=${value}`);
    expectProblem(answer, "invalid_request", "/v1/services", {
      errors: [{ field: field!, message: expect.any(String) }],
    });
  }
  const userId = await userWith("10.00");
  await reserve(userId, "1.00");
  await reserve(userId, "1.00");
  const { nextCursor } = (await get(`/v1/users/${userId}/reservations?limit=1`)).body;
  for (const cursor of [nextCursor, "x", `${nextCursor}x`]) {
    expectProblem(await get(`/v1/services?cursor=${cursor}`), "invalid_cursor", "/v1/services", {
      errors: [{ field: "cursor", message: expect.any(String) }],
    });
  }
});

test("naming requires reservations:write, and listing any valid token", async () => {
  const path = `/v1/services/${uniqueServiceId()}`;
  const others = await mintToken({ scope: "funds:write balance:read reports:read audit" });
  expectProblem(await put(path, "[]", { token: others }), "insufficient_scope", path);
  expectProblem(await put(path, { name: "x" }, { token: "x" }), "unauthenticated", path);
  const writer = await mintToken({ scope: "reservations:write" });
  expect((await put(path, { name: "x" }, { token: writer })).status).toBe(200);
  expectProblem(await get("/v1/services", { token: "x" }), "unauthenticated", "/v1/services");
  for (const scope of ["", "anything"]) {
    expect((await get("/v1/services", { token: await mintToken({ scope }) })).status).toBe(200);
  }
});
