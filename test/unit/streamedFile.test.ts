import { afterAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Elysia } from "elysia";
import { readAhead, streamFile } from "../../src/api/http/streamedFile.ts";
import { eventually } from "../support/waiting.ts";

const PIECE = "x".repeat(65_536);
/** Far more than the socket buffers of both ends. */
const PIECES = 600;
const LAST_CHUNK = "\r\n0\r\n\r\n";

let made = 0;
let over = 0;
const warned: unknown[] = [];
let ending = new AbortController();

/** Endless unless it has a length. It throws after `failAt` pieces. */
async function* makePieces(count: number, failAt = Number.POSITIVE_INFINITY) {
  try {
    for (let index = 0; index < count; index += 1) {
      await sleep(0);
      if (index === failAt) throw new Error("The ledger is away");
      made += 1;
      yield PIECE;
    }
  } finally {
    over += 1;
  }
}

const app = new Elysia()
  .get("/:count/:failAt", ({ params, request, server }) => {
    const pieces = makePieces(Number(params.count), Number(params.failAt));
    const log = { warn: (object: unknown) => warned.push(object) };
    return new Response(streamFile(pieces, { request, server }, { ending: ending.signal, log: log as never }));
  })
  .listen({ port: 0, hostname: "127.0.0.1", development: false });

afterAll(() => app.stop(true));

/** A reader that takes nothing until it is resumed. */
function request(path: string) {
  [made, over] = [0, 0];
  let text = "";
  let end = "";
  const socket = connect(app.server!.port!, "127.0.0.1");
  socket.on("data", (data) => {
    text = (text + data.toString("latin1")).slice(-100);
  });
  socket.on("error", (error) => {
    end = (error as NodeJS.ErrnoException).code ?? "error";
  });
  socket.on("close", () => {
    end ||= "closed";
  });
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: saldo\r\n\r\n`);
  return { socket, tail: () => text, end: () => end };
}

/** Waits until the buffers are full. */
async function awaitStalled(): Promise<void> {
  await eventually(async () => {
    const before = made;
    await sleep(300);
    return made > 0 && made === before;
  });
}

test("a whole file ends with the last chunk", async () => {
  const { socket, tail } = request("/3/9");
  socket.resume();
  await eventually(async () => tail().endsWith(LAST_CHUNK));
  expect([made, over]).toEqual([3, 1]);
  socket.destroy();
});

test("an error breaks the file off without the last chunk, and is logged", async () => {
  const { socket, tail, end } = request("/9/5");
  socket.resume();
  await eventually(async () => end() !== "");
  expect(tail()).not.toEndWith(LAST_CHUNK);
  expect(made).toBe(5);
  expect(warned).toEqual([{ err: new Error("The ledger is away") }]);
});

test("a slow reader is sent no more than the buffers of its connection, then the rest as it reads", async () => {
  const { socket, tail } = request(`/${PIECES}/${PIECES}`);
  await awaitStalled();
  expect(made).toBeLessThan(PIECES / 4);
  socket.resume();
  await eventually(async () => tail().endsWith(LAST_CHUNK), 20_000);
  expect([made, over]).toEqual([PIECES, 1]);
  socket.destroy();
}, 30_000);

test("a reader that leaves ends the reading", async () => {
  const { socket } = request(`/${PIECES}/${PIECES}`);
  await eventually(async () => made > 0);
  socket.destroy();
  await eventually(async () => over === 1);
  expect(made).toBeLessThan(PIECES);
});

test("a process that stops breaks off the file of a stalled reader within seconds", async () => {
  const { socket, tail, end } = request(`/${PIECES}/${PIECES}`);
  await awaitStalled();
  expect(app.server!.pendingRequests).toBe(1);
  ending.abort();
  await eventually(async () => app.server!.pendingRequests === 0, 5_000);
  socket.resume();
  await eventually(async () => end() !== "");
  expect(tail()).not.toEndWith(LAST_CHUNK);
  ending = new AbortController();
});

test("reading ahead throws the error of the first piece, and repeats and loses none", async () => {
  expect(readAhead(makePieces(3, 0))).rejects.toThrow("The ledger is away");
  for (const count of [0, 1, 3]) {
    const pieces = await readAhead(makePieces(count));
    expect(await Array.fromAsync(pieces)).toHaveLength(count);
  }
});
