import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { configDefaults, devDirectory } from "./stack/site.ts";

const privateKeyFile = join(devDirectory, "keys", "private.pem");

export const allScopes = "funds:write reservations:write refunds:write balance:read operations:read reports:read audit";

export interface TokenClaims {
  sub?: string;
  /** Space-separated, as in the token. */
  scope?: string;
  ttlSeconds?: number;
}

/** A token that the local stacks accept. Development only: in production the tokens come from an issuer. */
export async function mintToken({
  sub = "demo",
  scope = allScopes,
  ttlSeconds = 3600,
}: TokenClaims = {}): Promise<string> {
  const { jwtIssuer, jwtAudience } = configDefaults;
  const nowSeconds = Math.floor(Date.now() / 1000);
  return await new SignJWT({ scope })
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .setSubject(sub)
    .setIssuer(jwtIssuer)
    .setAudience(jwtAudience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + ttlSeconds)
    .sign(createPrivateKey(readPrivateKey()));
}

/**
 * The configuration variables without a default, for process and container stacks.
 * `JWT_PUBLIC_KEY` verifies tokens, `SIGNING_KEY` signs cursors.
 */
export function readKeys(): { JWT_PUBLIC_KEY: string; SIGNING_KEY: string } {
  const privateKey = readPrivateKey();
  return {
    JWT_PUBLIC_KEY: createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString(),
    SIGNING_KEY: createHmac("sha256", privateKey).update("signing key").digest("hex"),
  };
}

/** Generated on this machine at first use; never committed or shared. */
function readPrivateKey(): string {
  if (!existsSync(privateKeyFile)) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    mkdirSync(join(devDirectory, "keys"), { recursive: true, mode: 0o700 });
    const temporary = `${privateKeyFile}.${process.pid}`;
    writeFileSync(temporary, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    try {
      // Unlike a rename, a link never replaces a key that another process has made meanwhile.
      linkSync(temporary, privateKeyFile);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  }
  return readFileSync(privateKeyFile, "utf8");
}
