import { expect } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootDirectory } from "../../../scripts/stack/site.ts";

const typescript = [process.execPath, "x", "--bun", "tsc", "--project"];

/** Builds the package as it is shipped, into `client/dist`. */
export async function buildClient(): Promise<void> {
  rmSync(join(rootDirectory, "client/dist"), { recursive: true, force: true });
  expect(await run([...typescript, "client/tsconfig.json"], rootDirectory)).toBe("");
}

export type Service = Disposable & { folder: string };

/** The folder of a service with one file. The client and kafkajs are installed in it. */
export async function createService(file: string, text: string): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), "saldo-client-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(rootDirectory, "client"), join(folder, "node_modules/saldo-client"));
  symlinkSync(join(rootDirectory, "node_modules/kafkajs"), join(folder, "node_modules/kafkajs"));
  await Bun.write(join(folder, file), text);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** The compiler's errors, with the strict settings of a service on Node.js. */
export async function findTypeErrors(service: Service): Promise<string> {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, module: "NodeNext", target: "ESNext", skipLibCheck: false },
    ...{ typeRoots: [join(rootDirectory, "node_modules/@types")], types: ["node"] },
  };
  await Bun.write(join(service.folder, "package.json"), JSON.stringify({ type: "module" }));
  await Bun.write(join(service.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  return await run([...typescript, service.folder], rootDirectory);
}

/** Runs a command and returns its output, with errors where it fails. */
export async function run(command: string[], cwd: string, env: Record<string, string> = {}): Promise<string> {
  const child = Bun.spawn(command, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return code === 0 ? output : `${output}${errors}`;
}
