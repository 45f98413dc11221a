import { afterAll, afterEach, beforeEach, expect, setSystemTime, test } from "bun:test";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { Elysia } from "elysia";
import { SignJWT } from "jose";
import { pino } from "pino";
import { createAuthentication } from "../../src/api/auth/authentication.ts";
import { Problem } from "../../src/api/http/problems.ts";
import { anotherRsaKey, assemble, goodClaims, hmac } from "../support/api/forgedTokens.ts";

type Key = { kid: string; privateKey: KeyObject; publicKey: KeyObject };

const makeKey = (kid: string): Key => ({ kid, ...generateKeyPairSync("rsa", { modulusLength: 2048 }) });
const [first, second] = [makeKey("first"), makeKey("second")];

/** The published keys, the state of the issuer, and the number of reads. */
let published: Key[];
let issuer: "up" | "failing" | "frozen";
let reads: number;
let ask: (token: string) => Promise<number>;

const server = Bun.serve({
  port: 0,
  async fetch() {
    reads += 1;
    if (issuer === "frozen") await new Promise(() => {});
    if (issuer === "failing") return new Response("down", { status: 503 });
    return Response.json({
      keys: published.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: "jwk" }), kid, alg: "RS256" })),
    });
  },
});

beforeEach(async () => {
  [published, issuer, reads] = [[first], "up", 0];
  const rules = { jwtPublicKey: undefined, jwtJwksUrl: `${server.url}`, jwtIssuer: "saldo-dev", jwtAudience: "saldo" };
  const requireScope = await createAuthentication(rules, pino({ level: "silent" }));
  const app = new Elysia()
    .onError(({ error }) => new Response("", { status: error instanceof Problem ? 401 : 500 }))
    .use(requireScope())
    .get("/", ({ caller }) => caller);
  ask = async (token) =>
    (await app.handle(new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } }))).status;
});
afterEach(() => void setSystemTime());
afterAll(() => server.stop(true));

/** A unique token, so that no verdict is cached. */
function tokenOf({ kid, privateKey }: Pick<Key, "kid" | "privateKey">): Promise<string> {
  const claims = { ...goodClaims(), jti: crypto.randomUUID() };
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
}

function pass(seconds: number): void {
  setSystemTime(new Date(Date.now() + seconds * 1_000));
}

test("a new key is accepted as soon as a token names it; an unknown key does not cause a read each time", async () => {
  expect(await ask(await tokenOf(first))).toBe(200);
  published = [first, second];
  pass(6);
  expect(await ask(await tokenOf(second))).toBe(200);
  for (const _ of [1, 2, 3])
    expect(await ask(await tokenOf({ kid: "unknown", privateKey: first.privateKey }))).toBe(401);
  expect(reads).toBe(2);
});

test("a key that was removed from the set is refused after a minute", async () => {
  expect(await ask(await tokenOf(first))).toBe(200);
  published = [second];
  pass(61);
  expect(await ask(await tokenOf(first))).toBe(401);
  expect(await ask(await tokenOf(second))).toBe(200);
});

test("a token signed with another key, another algorithm or none is refused under a known key id", async () => {
  const { kid, publicKey } = first;
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  expect(await ask(await tokenOf({ kid, privateKey: anotherRsaKey() }))).toBe(401);
  expect(await ask(assemble({ alg: "none", kid }, goodClaims(), () => ""))).toBe(401);
  expect(await ask(assemble({ alg: "HS256", kid }, goodClaims(), hmac(pem)))).toBe(401);
});

test.each(["failing", "frozen"] as const)(
  "while the issuer is %s, known keys are accepted for a day, and unknown ones answer 500",
  async (how) => {
    expect(await ask(await tokenOf(first))).toBe(200);
    issuer = how;
    pass(3_600);
    expect(await ask(await tokenOf(first))).toBe(200);
    expect(await ask(await tokenOf(second))).toBe(500);
    expect(await ask(await tokenOf({ kid: "first", privateKey: second.privateKey }))).toBe(401);
    expect(await ask("no token")).toBe(401);
    // Reads pause after a failure: none of those requests waited for one.
    expect(reads).toBe(2);
    pass(24 * 3_600);
    expect(await ask(await tokenOf(first))).toBe(500);
    [issuer, published] = ["up", [first, second]];
    pass(6);
    expect(await ask(await tokenOf(second))).toBe(200);
  },
);

test.each(["failing", "frozen"] as const)(
  "with an issuer that is %s from the start, a good token answers 500, not 401",
  async (how) => {
    issuer = how;
    expect(await ask(await tokenOf(first))).toBe(500);
    issuer = "up";
    pass(6);
    expect(await ask(await tokenOf(first))).toBe(200);
  },
);
