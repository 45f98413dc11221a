import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureTools, runTool } from "../../../scripts/stack/tools.ts";

export type Certificate = { cert: string; key: string };
export type Certificates = Awaited<ReturnType<typeof makeCertificates>>;

/** Makes a CA, certificates of servers and clients, and another CA that nothing trusts. Returns paths of PEM files. */
export async function makeCertificates(directory: string) {
  await ensureTools("openssl");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const ca = await makeCa(directory, "ca");
  const otherCa = await makeCa(directory, "other-ca");
  return {
    ca: ca.cert,
    otherCa: otherCa.cert,
    server: await makeCertificate(directory, "server", ca, "DNS:localhost,DNS:temporal.saldo.test"),
    client: await makeCertificate(directory, "client", ca, "DNS:saldo.test"),
    renewed: await makeCertificate(directory, "renewed", ca, "DNS:saldo.test"),
    /** Issued by the other CA: a server refuses it. */
    stranger: await makeCertificate(directory, "stranger", otherCa, "DNS:saldo.test"),
  };
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

async function makeCa(directory: string, name: string): Promise<Certificate> {
  const made = pathsOf(directory, name);
  await runTool([
    ...["openssl", "req", "-x509", ...NEW_KEY, "-days", "30", "-subj", `/CN=${name}`],
    ...["-keyout", made.key, "-out", made.cert],
  ]);
  return made;
}

async function makeCertificate(directory: string, name: string, ca: Certificate, names: string): Promise<Certificate> {
  const made = pathsOf(directory, name);
  const request = join(directory, `${name}.csr`);
  const extensions = join(directory, `${name}.ext`);
  writeFileSync(extensions, `subjectAltName=${names}\n`);
  await runTool(["openssl", "req", ...NEW_KEY, "-subj", `/CN=${name}`, "-keyout", made.key, "-out", request]);
  await runTool([
    ...["openssl", "x509", "-req", "-in", request, "-CA", ca.cert, "-CAkey", ca.key, "-CAcreateserial"],
    ...["-days", "30", "-extfile", extensions, "-out", made.cert],
  ]);
  return made;
}

function pathsOf(directory: string, name: string): Certificate {
  return { cert: join(directory, `${name}.pem`), key: join(directory, `${name}-key.pem`) };
}
