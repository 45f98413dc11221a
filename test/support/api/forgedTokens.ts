import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { mintToken } from "../../../scripts/keys.ts";
import { devDirectory } from "../../../scripts/stack/site.ts";

/** Claims that the test stack accepts. */
export function goodClaims() {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return {
    sub: "demo",
    iss: "saldo-dev",
    aud: "saldo",
    iat: nowSeconds,
    exp: nowSeconds + 600,
    scope: "funds:write balance:read",
  };
}

/** Signs the claims with the key that the stack trusts. A claim that is undefined is absent. */
export async function sign(claims: Record<string, unknown>, key?: KeyObject, alg = "RS256"): Promise<string> {
  return await new SignJWT(claims).setProtectedHeader({ alg, typ: "JWT" }).sign(key ?? (await trustedKey()));
}

/** Assembles a token from any header, claims and signature. */
export function assemble(header: object, claims: object, signatureOf: (signed: string) => string): string {
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${signatureOf(signed)}`;
}

export function hmac(secret: string): (signed: string) => string {
  return (signed) => createHmac("sha256", secret).update(signed).digest("base64url");
}

export function anotherRsaKey(): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}

async function trustedKey(): Promise<KeyObject> {
  // Creates the key where no token was minted before.
  await mintToken();
  return createPrivateKey(readFileSync(join(devDirectory, "keys", "private.pem"), "utf8"));
}
