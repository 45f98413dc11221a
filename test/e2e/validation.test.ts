import { expect, test } from "bun:test";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import { apiUrl, post, stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { rawPost } from "../support/api/rawPost.ts";
import { moneyRoutes, type Route, reservationRoutes } from "../support/api/routes.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { connectOwner } from "../support/stack/owner.ts";

const GOOD_TEXTS = ["", " ", "x".repeat(255), "😀".repeat(255), "«Оплата» — 100 %; 'quoted' \"too\" \\ </script> $1"];

const payer = await userWith("1000.00", "payer");
const routes = [...moneyRoutes(payer), ...reservationRoutes(payer)];

const fieldsOfRoutes = routes.flatMap((route) =>
  Object.entries(route.fields).map(([field, bad]) => ({ ...route, field, bad })),
);

/** Expects that the whole `body` is refused with these fields. */
async function expectRefused(path: string, key: string, body: unknown, fields: string[]): Promise<void> {
  const answer = await post(path, body, { key });
  const { errors } = answer.body;
  expect([body, answer.status, errors?.map(({ field }: { field: string }) => field)]).toEqual([body, 400, fields]);
  expectProblem(answer, "invalid_request", path, { errors });
  for (const { message } of errors) expect(message).toMatch(/^(must|is) /);
}

test("a null in a string field is refused as no string", async () => {
  for (const { path, body, fields } of routes) {
    for (const field of Object.keys(fields).filter((one) => !["ttlSeconds", "final"].includes(one))) {
      const { errors } = (await post(path, { ...body, [field]: null })).body;
      expect([path, errors]).toEqual([path, [{ field, message: expect.stringMatching(/^must be a string, like "/) }]]);
    }
  }
});

/** Expects neither a row nor a workflow under this key. A good request can still use it. */
async function expectUnused({ path, kind, body, status = 200 }: Route, key: string): Promise<void> {
  const operationId = deriveOperationId("demo", key);
  await using owner = await connectOwner();
  const { rowCount } = await owner.query("select from operations where id = $1", [operationId]);
  expect(rowCount).toBe(0);
  const workflow = `${stack.environment.TEMPORAL_UI_URL}/api/v1/namespaces/default/workflows/${kind}-${operationId}`;
  expect((await fetch(workflow)).status).toBe(404);

  const corrected = await post(path, body, { key, wait: 20 });
  expect([corrected.status, corrected.body.operationId]).toEqual([status, operationId]);
  expect(corrected.headers.get("idempotency-replayed")).toBeNull();
}

test.each(fieldsOfRoutes)(
  "POST $path refuses every bad $field by name, and leaves the key unused",
  async (route) => {
    const key = crypto.randomUUID();
    for (const value of route.bad)
      await expectRefused(route.path, key, { ...route.body, [route.field]: value }, [route.field]);
    await expectUnused(route, key);
  },
  30_000,
);

test.each(routes)("POST $path lists every missing, unknown and bad field at once", async (route) => {
  const key = crypto.randomUUID();
  const { required } = route;
  if (required.length > 0) {
    for (const nothing of [{}, ""]) await expectRefused(route.path, key, nothing, required);
  }
  for (const field of required) {
    const { [field]: _, ...rest } = route.body;
    await expectRefused(route.path, key, rest, [field]);
  }
  for (const unknown of ["currency", "Amount", "userid", "__proto__", "constructor", "operationId"]) {
    const text = JSON.stringify(route.body).replace("{", `{"${unknown}":"x",`);
    await expectRefused(route.path, key, text, [unknown]);
  }
  const all = Object.fromEntries(Object.keys(route.body).map((field) => [field, [7]]));
  await expectRefused(route.path, key, all, Object.keys(route.body));
  await expectUnused(route, key);
});

test.each(routes)(
  "POST $path refuses a body that is not a JSON object in UTF-8, and leaves the key unused",
  async (route) => {
    const key = crypto.randomUUID();
    for (const body of ["[]", "null", '"text"', "7", "true"]) await expectRefused(route.path, key, body, ["body"]);
    const broken = [" ", "{", "{}}", "{'userId': 1}", '{"userId":"a",}', "userId=a&amount=1", "\u0000", "undefined"];
    for (const body of broken) {
      const answer = await post(route.path, body, { key });
      expect([body, answer.status]).toEqual([body, 400]);
      expectProblem(answer, "invalid_request", route.path);
    }
    // A lenient decoder would store the comment with other characters than were sent.
    const latin1 = Buffer.from(JSON.stringify({ ...route.body, comment: "caf\u00e9" }), "latin1");
    const answer = await rawPost(apiUrl + route.path, latin1, key);
    expectProblem(answer, "invalid_request", route.path);
    await expectUnused(route, key);
  },
);

test.each(routes)(
  "POST $path accepts application/json without an encoding only, with any parameters",
  async (route) => {
    const key = crypto.randomUUID();
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/jsonp",
      "application/xml",
      "",
    ]) {
      const answer = await post(route.path, route.body, { key, headers: { "content-type": type } });
      expectProblem(answer, "unsupported_media_type", route.path, {
        errors: [{ field: "Content-Type", message: "must be application/json" }],
      });
      expect(answer.headers.get("accept-post")).toBe("application/json");
    }
    // A decoder that guesses would accept the plain body, too.
    for (const coding of ["gzip", "br", "deflate", "zstd", "identity, gzip", "x"]) {
      for (const body of [JSON.stringify(route.body), Bun.gzipSync(JSON.stringify(route.body))]) {
        const answer = await rawPost(apiUrl + route.path, body, key, { "content-encoding": coding });
        expectProblem(answer, "unsupported_media_type", route.path, {
          errors: [{ field: "Content-Encoding", message: "must be identity or absent" }],
        });
        expect(answer.headers.get("accept-encoding")).toBe("identity");
      }
    }
    await expectUnused(route, key);
    const answer = await post(route.path, route.body, {
      wait: 20,
      headers: { "content-type": "Application/JSON; charset=utf-8", "content-encoding": "Identity" },
    });
    expect(answer.status).toBe(route.status ?? 200);
  },
);

test("a batch that names a field twice is refused by its place, and leaves its keys unused", async () => {
  const item = { kind: "deposit", userId: uniqueUserId(), amount: "1.00", idempotencyKey: crypto.randomUUID() };
  const text = JSON.stringify({ atomic: true, operations: [item] });
  const bodies = {
    atomic: text.replace("{", '{"atomic":false,'),
    operations: text.replace("{", '{"\\u006fperations":[],'),
    "operations[0].amount": text.replace('"amount"', '"amount":"999.00","amount"'),
    "operations[0].idempotencyKey": text.replace('"kind"', '"idempotencyKe\\u0079":"other","kind"'),
  };
  for (const [field, body] of Object.entries(bodies)) {
    expectProblem(await post("/v1/batches", body), "invalid_request", "/v1/batches", {
      errors: [{ field, message: "is given twice" }],
    });
  }
  const answer = await post("/v1/batches", text, { wait: 20 });
  expect([answer.status, answer.body.operations[0].balance?.available]).toEqual([200, "1.00"]);
});

test("a transfer from a user to itself is refused, and leaves the key unused", async () => {
  const key = crypto.randomUUID();
  const route = routes.find(({ kind }) => kind === "transfer")!;
  await expectRefused(route.path, key, { ...route.body, toUserId: payer }, ["toUserId"]);
  await expectUnused(route, key);
});

test("the longest and the most unusual texts that are allowed are returned unchanged", async () => {
  const userId = uniqueUserId();
  for (const text of GOOD_TEXTS) {
    const body = { userId, amount: "1.00", comment: text, source: text };
    const answer = await post("/v1/deposits", body, { wait: 20 });
    expect([answer.status, answer.body.comment, answer.body.source]).toEqual([200, text, text]);
  }
});

test("a service name may have 200 characters", async () => {
  const order = { userId: payer, serviceId: "promotion", orderId: uniqueUserId("order") };
  for (const serviceName of ["x", "x".repeat(200), "😀".repeat(200), "«Продвижение», 100 %"]) {
    const answer = await post("/v1/reservations", { ...order, amount: "1.00", serviceName }, { wait: 20 });
    expect([answer.status, answer.body.serviceName]).toEqual([200, serviceName]);
  }
});
