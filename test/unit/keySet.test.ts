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

/** What the issuer publishes, how it answers, and how often it was asked. */
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

/** A token like no other, so that none is remembered. */
function tokenOf({ kid, privateKey }: Pick<Key, "kid" | "privateKey">): Promise<string> {
  const claims = { ...goodClaims(), jti: crypto.randomUUID() };
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
}

function pass(seconds: number): void {
  setSystemTime(new Date(Date.now() + seconds * 1_000));
}

test("a new key counts as soon as a token names it; one that nobody published does not, and is not looked for each time", async () => {
  expect(await ask(await tokenOf(first))).toBe(200);
  published = [first, second];
  pass(6);
  expect(await ask(await tokenOf(second))).toBe(200);
  for (const _ of [1, 2, 3])
    expect(await ask(await tokenOf({ kid: "unknown", privateKey: first.privateKey }))).toBe(401);
  expect(reads).toBe(2);
});

test("a key that was taken out of the set counts no more after a minute", async () => {
  expect(await ask(await tokenOf(first))).toBe(200);
  published = [second];
  pass(61);
  expect(await ask(await tokenOf(first))).toBe(401);
  expect(await ask(await tokenOf(second))).toBe(200);
});

test("what is signed with another key, another algorithm or none is refused, by the name of a key that is known", async () => {
  const { kid, publicKey } = first;
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  expect(await ask(await tokenOf({ kid, privateKey: anotherRsaKey() }))).toBe(401);
  expect(await ask(assemble({ alg: "none", kid }, goodClaims(), () => ""))).toBe(401);
  expect(await ask(assemble({ alg: "HS256", kid }, goodClaims(), hmac(pem)))).toBe(401);
});

test.each(["failing", "frozen"] as const)(
  "while the issuer is %s, known keys go on for a day; another token cannot be told good from bad",
  async (how) => {
    expect(await ask(await tokenOf(first))).toBe(200);
    issuer = how;
    pass(3_600);
    expect(await ask(await tokenOf(first))).toBe(200);
    expect(await ask(await tokenOf(second))).toBe(500);
    expect(await ask(await tokenOf({ kid: "first", privateKey: second.privateKey }))).toBe(401);
    expect(await ask("no token")).toBe(401);
    // The set is left alone for a while: none of those waited for it.
    expect(reads).toBe(2);
    pass(24 * 3_600);
    expect(await ask(await tokenOf(first))).toBe(500);
    [issuer, published] = ["up", [first, second]];
    pass(6);
    expect(await ask(await tokenOf(second))).toBe(200);
  },
);

test.each(["failing", "frozen"] as const)(
  "with an issuer that is %s from the start, a good token is not called bad",
  async (how) => {
    issuer = how;
    expect(await ask(await tokenOf(first))).toBe(500);
    issuer = "up";
    pass(6);
    expect(await ask(await tokenOf(first))).toBe(200);
  },
);
