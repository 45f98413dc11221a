import { expect, test } from "bun:test";
import { mintToken } from "../../scripts/keys.ts";
import { deriveOperationId } from "../../src/ledger/operationId.ts";
import { post, put } from "../support/api/client.ts";
import { availableOf, userWith } from "../support/api/funds.ts";
import { sendRaw } from "../support/api/rawRequest.ts";
import { moneyRoutes, reservationRoutes } from "../support/api/routes.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { connectOwner } from "../support/stack/owner.ts";

const token = await mintToken();

/** Bun's answer, without a problem document. */
const BARE_400 = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

type Framed = { framing: string; body: string };

const declared = (text: string): Framed => ({ framing: `Content-Length: ${Buffer.byteLength(text)}`, body: text });

const chunked = (text: string, end: string): Framed => ({
  framing: "Transfer-Encoding: chunked",
  body: `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n${end}`,
});

/** Bodies with a fault behind them that Bun's parser refuses. */
const FAULTS: Record<string, (text: string) => Framed> = {
  "a trailer": (text) => chunked(text, "X-T: 1\r\n\r\n"),
  "a line break behind the chunks": (text) => chunked(text, "\r\n\r\n"),
  "a line break behind the declared length": (text) => ({ ...declared(text), body: `${text}\r\n` }),
};

/** The text of a request; its body is the given one. */
function format(method: string, path: string, key: string, { framing, body }: Framed): string {
  const headers = [
    ...["Host: x", `Authorization: Bearer ${token}`, "Content-Type: application/json"],
    ...[`Idempotency-Key: ${key}`, framing],
  ];
  return `${[`${method} ${path} HTTP/1.1`, ...headers, "", ""].join("\r\n")}${body}`;
}

async function countStored(keys: string[]): Promise<number | null> {
  await using owner = await connectOwner();
  const ids = keys.map((key) => deriveOperationId("demo", key));
  return (await owner.query("select from operations where id = any($1)", [ids])).rowCount;
}

test("no route that moves money books a request that Bun answers 400 for the bytes behind its body", async () => {
  const payer = await userWith("100.00", "payer");
  const routes = [...moneyRoutes(payer), ...reservationRoutes(payer)];
  const sent: { path: string; key: string; body: object; status: number }[] = [];
  for (const { path, body, status = 200 } of routes) {
    for (const [fault, frame] of Object.entries(FAULTS)) {
      const key = crypto.randomUUID();
      const answer = await sendRaw(format("POST", path, key, frame(JSON.stringify(body))));
      expect([path, fault, answer]).toEqual([path, fault, BARE_400]);
      sent.push({ path, key, body, status });
    }
  }
  // Sent last. An operation that was handed on would be stored by now.
  expect((await post("/v1/deposits", { userId: payer, amount: "1.00" }, { wait: 20 })).status).toBe(200);
  expect(await countStored(sent.map(({ key }) => key))).toBe(0);
  expect(await availableOf(payer)).toBe("101.00");
  for (const { path, key, body, status } of sent) {
    const answer = await post(path, body, { key, wait: 20 });
    expect([path, answer.status, answer.headers.get("idempotency-replayed")]).toEqual([path, status, null]);
  }
});

test("a batch, the name of a service and an audit with bytes behind their body are not taken", async () => {
  const userId = uniqueUserId();
  const serviceId = uniqueUserId("service");
  await put(`/v1/services/${serviceId}`, { name: "Before" });
  for (const frame of Object.values(FAULTS)) {
    const idempotencyKey = crypto.randomUUID();
    const batch = { operations: [{ kind: "deposit", userId, amount: "1.00", idempotencyKey }] };
    for (const [method, path, body] of [
      ["POST", "/v1/batches", batch],
      ["PUT", `/v1/services/${serviceId}`, { name: "After" }],
      ["POST", "/v1/audits", {}],
    ] as const) {
      expect(await sendRaw(format(method, path, "unused", frame(JSON.stringify(body))))).toBe(BARE_400);
    }
    const answer = await post("/v1/batches", batch, { wait: 20 });
    expect([answer.status, answer.headers.get("idempotency-replayed")]).toEqual([200, null]);
  }
  expect(await availableOf(userId)).toBe("3.00");
  await using owner = await connectOwner();
  const { rows } = await owner.query("select name from services where service_id = $1", [serviceId]);
  expect(rows).toEqual([{ name: "Before" }]);
});

test("two requests in one write are closed without an answer, and each counts once when repeated", async () => {
  const userId = uniqueUserId();
  const keys = [crypto.randomUUID(), crypto.randomUUID()];
  const body = { userId, amount: "1.00" };
  const [first, second] = keys.map((key) => format("POST", "/v1/deposits", key, declared(JSON.stringify(body))));
  expect(await sendRaw(`${first}${second}`)).toBe("");
  for (const key of keys) expect((await post("/v1/deposits", body, { key, wait: 20 })).status).toBe(200);
  expect(await availableOf(userId)).toBe("2.00");
});

test("a fault that arrives later proves nothing, and the same key moves the money once", async () => {
  const userId = uniqueUserId();
  const key = crypto.randomUUID();
  const body = { userId, amount: "1.00" };
  const text = format("POST", "/v1/deposits", key, declared(JSON.stringify(body)));
  // Either the bare 400 of Bun's parser, or the answer and a closed connection.
  expect(await sendRaw(text, "\r\n")).toMatch(/^HTTP\/1\.1 (400|200)/);
  expect((await post("/v1/deposits", body, { key, wait: 20 })).status).toBe(200);
  expect(await availableOf(userId)).toBe("1.00");
});
