import { expect, test } from "bun:test";
import { mintToken, readKeys } from "../../scripts/keys.ts";
import { get, post } from "../support/api/client.ts";
import { anotherRsaKey, assemble, goodClaims, hmac, sign } from "../support/api/forgedTokens.ts";
import { availableOf, userWith } from "../support/api/funds.ts";
import { expectProblem } from "../support/api/problem.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";
import { eventually } from "../support/waiting.ts";

const user = await userWith("1.00");
const balance = `/v1/users/${user}/balance`;

function ask(authorization: string) {
  return get(balance, { headers: { authorization } });
}

/** Expects a 401 with the challenge of RFC 6750. It has an error where a token was sent. */
async function expectUnauthenticated(name: string, authorization: string, expired = false): Promise<void> {
  const answer = await ask(authorization);
  expect([name, answer.status]).toEqual([name, 401]);
  expectProblem(answer, "unauthenticated", balance);
  const error = /^Bearer +[^ ]/i.test(authorization) ? ', error="invalid_token"' : "";
  expect([name, answer.headers.get("www-authenticate")]).toEqual([name, `Bearer realm="saldo"${error}`]);
  expect([name, answer.body.detail.startsWith("The token has expired")]).toEqual([name, expired]);
}

const challengeOf = (scope: string) => `Bearer realm="saldo", error="insufficient_scope", scope="${scope}"`;

test("a token with the right key, issuer and audience is accepted, with the scheme bearer in any case", async () => {
  const token = await sign(goodClaims());
  for (const scheme of ["Bearer", "bearer", "BEARER"]) expect((await ask(`${scheme} ${token}`)).status).toBe(200);
});

test("a missing or malformed Authorization header is refused", async () => {
  const token = await sign(goodClaims());
  const [header, claims, signature] = token.split(".");
  const malformed = {
    missing: "",
    "without a scheme": token,
    "another scheme": `Basic ${token}`,
    "no token": "Bearer",
    "an empty token": "Bearer ",
    "two tokens": `Bearer ${token} ${token}`,
    "not a token": "Bearer x",
    "three dots": `Bearer ${token}.x`,
    "no signature": `Bearer ${header}.${claims}.`,
    "two parts": `Bearer ${header}.${claims}`,
    "other claims under the signature": `Bearer ${header}.${Buffer.from(JSON.stringify({ ...goodClaims(), sub: "x" })).toString("base64url")}.${signature}`,
    "a signature of other bytes": `Bearer ${header}.${claims}.${signature!.split("").reverse().join("")}`,
  };
  for (const [name, authorization] of Object.entries(malformed)) await expectUnauthenticated(name, authorization);
});

test("wrong or missing claims are refused", async () => {
  const good = goodClaims();
  const wrong: Record<string, Record<string, unknown>> = {
    expired: { exp: good.iat - 1 },
    "not valid yet": { nbf: good.iat + 300 },
    "not valid yet, beyond the leeway": { nbf: good.iat + 60 },
    "issued in the future": { iat: good.iat + 60 },
    "a time of issue that is no time": { iat: "now" },
    "expired at this second": { exp: good.iat },
    "another issuer": { iss: "somebody" },
    "an issuer in another case": { iss: "Saldo-dev" },
    "no issuer": { iss: undefined },
    "another audience": { aud: "billing" },
    "no audience": { aud: undefined },
    "no subject": { sub: undefined },
    "an empty subject": { sub: "" },
    "a subject that is no caller's name": { sub: "a b" },
    "a subject that is a number": { sub: 123 },
    "a subject that is true": { sub: true },
    "a subject in a list": { sub: ["demo"] },
    "an old token of another issuer": { iss: "somebody", exp: good.iat - 1 },
    "no expiry": { exp: undefined },
    "an expiry that is no time": { exp: "never" },
  };
  for (const [name, claims] of Object.entries(wrong)) {
    const isExpired = name.startsWith("expired");
    await expectUnauthenticated(name, `Bearer ${await sign({ ...good, ...claims })}`, isExpired);
  }
  expect((await ask(`Bearer ${await sign({ ...good, aud: ["billing", "saldo"] })}`)).status).toBe(200);
});

test("only RS256 by the configured key is accepted: no alg none, no HS256 by the public key, no other key", async () => {
  const claims = goodClaims();
  const pem = readKeys().JWT_PUBLIC_KEY;
  const forged = {
    none: assemble({ alg: "none", typ: "JWT" }, claims, () => ""),
    None: assemble({ alg: "None" }, claims, () => "x"),
    HS256: assemble({ alg: "HS256", typ: "JWT" }, claims, hmac(pem)),
    "HS256, trimmed": assemble({ alg: "HS256", typ: "JWT" }, claims, hmac(pem.trim())),
    "RS256 by name only": assemble({ alg: "RS256" }, claims, hmac(pem)),
    "another RSA key": await sign(claims, anotherRsaKey()),
    "the right key, another algorithm": await sign(claims, undefined, "RS512"),
    "a padding that is not RS256's": await sign(claims, undefined, "PS256"),
  };
  for (const [name, token] of Object.entries(forged)) await expectUnauthenticated(name, `Bearer ${token}`);
});

test("a scope is a whole word of the claim, and without it a route is 403 and nothing is stored", async () => {
  const userId = uniqueUserId();
  const lacking = [
    "",
    "balance:read",
    "funds:writes",
    "funds",
    "xfunds:write",
    "FUNDS:WRITE",
    "funds:write,balance:read",
  ];
  for (const scope of lacking) {
    const token = await sign({ ...goodClaims(), scope });
    const answer = await post("/v1/deposits", { userId, amount: "1.00" }, { token, wait: 20 });
    expect([scope, answer.status]).toEqual([scope, 403]);
    expectProblem(answer, "insufficient_scope", "/v1/deposits");
    expect(answer.headers.get("www-authenticate")).toBe(challengeOf("funds:write"));
  }
  const none = await post(
    "/v1/deposits",
    { userId, amount: "1" },
    { token: await sign({ ...goodClaims(), scope: undefined }) },
  );
  expectProblem(none, "insufficient_scope", "/v1/deposits");
  expect(await availableOf(userId)).toBeUndefined();

  const token = await sign({ ...goodClaims(), scope: "other funds:write more" });
  expect((await post("/v1/deposits", { userId, amount: "1.00" }, { token, wait: 20 })).status).toBe(200);
});

test("a refund needs refunds:write or funds:write, and refunds:write allows nothing else", async () => {
  const refund = async (scope: string) =>
    await post(
      "/v1/refunds",
      { recognitionId: crypto.randomUUID() },
      { token: await sign({ ...goodClaims(), scope }) },
    );
  for (const scope of ["refunds:write", "funds:write", "refunds:write funds:write"]) {
    expect([scope, (await refund(scope)).body.code]).toEqual([scope, "recognition_not_found"]);
  }
  const refused = await refund("reservations:write balance:read operations:read reports:read audit");
  expectProblem(refused, "insufficient_scope", "/v1/refunds");
  expect(refused.headers.get("www-authenticate")).toBe(challengeOf("refunds:write funds:write"));
  const token = await sign({ ...goodClaims(), scope: "refunds:write" });
  for (const kind of ["deposits", "withdrawals"]) {
    const answer = await post(`/v1/${kind}`, { userId: user, amount: "1.00" }, { token });
    expectProblem(answer, "insufficient_scope", `/v1/${kind}`);
  }
});

test("a batch names the scope that its operations lack", async () => {
  const token = await sign({ ...goodClaims(), scope: "reservations:write" });
  const operations = [{ kind: "deposit", idempotencyKey: crypto.randomUUID(), userId: user, amount: "1.00" }];
  const answer = await post("/v1/batches", { operations }, { key: null, token });
  expectProblem(answer, "insufficient_scope", "/v1/batches");
  expect(answer.headers.get("www-authenticate")).toBe(challengeOf("funds:write"));
});

test("an unauthenticated request stores nothing", async () => {
  const userId = uniqueUserId();
  const key = crypto.randomUUID();
  for (const path of ["/v1/deposits", "/v1/withdrawals", "/v1/transfers"]) {
    const body =
      path === "/v1/transfers" ? { fromUserId: user, toUserId: userId, amount: "1" } : { userId, amount: "1" };
    const answer = await post(path, body, { key, token: await sign(goodClaims(), anotherRsaKey()) });
    expectProblem(answer, "unauthenticated", path);
  }
  expect(await availableOf(userId)).toBeUndefined();
  expect((await post("/v1/deposits", { userId, amount: "1.00" }, { key, wait: 20 })).status).toBe(200);
});

test("a token whose nbf and iat are up to 5 s ahead is accepted", async () => {
  const { iat, ...rest } = goodClaims();
  for (const ahead of [{ nbf: iat + 4 }, { iat: iat + 4 }, { nbf: iat + 4, iat: iat + 4 }]) {
    expect((await ask(`Bearer ${await sign({ iat, ...rest, ...ahead })}`)).status).toBe(200);
  }
});

test.each<[claims: string, given: Record<string, unknown>]>([
  ["scope as a list", { scope: ["funds:write", "balance:read"] }],
  ["scp as text", { scp: "funds:write balance:read" }],
  ["scp as a list", { scp: ["balance:read"] }],
  ["scope and scp", { scope: "funds:write", scp: ["balance:read"] }],
])("scopes are read from %s", async (_, given) => {
  const token = await sign({ ...goodClaims(), scope: undefined, ...given });
  expect((await ask(`Bearer ${token}`)).status).toBe(200);
});

test("a scope that is neither text nor in a list of texts grants nothing", async () => {
  for (const scope of [1, true, null, { "balance:read": true }, [["balance:read"]], [{ scope: "balance:read" }]]) {
    const answer = await ask(`Bearer ${await sign({ ...goodClaims(), scope, scp: scope })}`);
    expect([scope, answer.status, answer.body.code]).toEqual([scope, 403, "insufficient_scope"]);
  }
});

test("an accepted token is refused once it has expired", async () => {
  const authorization = `Bearer ${await mintToken({ ttlSeconds: 3 })}`;
  for (const _ of [1, 2]) expect((await ask(authorization)).status).toBe(200);
  await eventually(async () => (await ask(authorization)).status === 401);
  await expectUnauthenticated("expired meanwhile", authorization, true);
});

test("a token that was accepted on one route needs the scope of each other route every time", async () => {
  const token = await sign({ ...goodClaims(), scope: "balance:read" });
  for (const _ of [1, 2, 3]) {
    expect((await get(balance, { token })).status).toBe(200);
    expectProblem(
      await get("/v1/reports/revenue?month=2016-02", { token }),
      "insufficient_scope",
      "/v1/reports/revenue",
    );
    const deposit = await post("/v1/deposits", { userId: user, amount: "1.00" }, { token });
    expectProblem(deposit, "insufficient_scope", "/v1/deposits");
  }
});

test("a good token with one character changed is refused, at any place", async () => {
  const token = await sign(goodClaims());
  expect((await ask(`Bearer ${token}`)).status).toBe(200);
  const dots = [...token.matchAll(/\./g)].map(({ index }) => index);
  // Around each dot, at both ends, and in between. Four bits of the last character carry no data, so another one is
  // changed.
  const places = [0, ...dots.flatMap((dot) => [dot - 1, dot + 1, dot + 20]), token.length - 1];
  for (const place of places) {
    const other = token[place] === "A" ? "g" : "A";
    await expectUnauthenticated(
      `character ${place}`,
      `Bearer ${token.slice(0, place)}${other}${token.slice(place + 1)}`,
    );
  }
  for (const changed of [token.slice(0, -1), `${token}A`, token.toUpperCase()]) {
    await expectUnauthenticated("another length or case", `Bearer ${changed}`);
  }
  expect((await ask(`Bearer ${token}`)).status).toBe(200);
});
