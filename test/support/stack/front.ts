import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootDirectory } from "../../../scripts/stack/site.ts";
import { ensureTools, locateTool } from "../../../scripts/stack/tools.ts";
import { stack } from "../api/client.ts";
import { eventually } from "../waiting.ts";

/** nginx with the configuration of the deployments. It ends with the block. */
export type Front = AsyncDisposable & { port: number; origin: string; log(): Promise<string> };

/** Above the ports that processes of other tests take. */
let nextPort = stack.ports.api + 70;

interface FrontOptions {
  /** Ports of the processes behind it. */
  upstreams?: number[];
  /** The content of listen.conf. */
  listen?(port: number, folder: string): Promise<string>;
  scheme?: "http" | "https";
}

/** Starts nginx on a port of its own, with deploy/front/nginx.conf unchanged. */
export async function startFront({
  upstreams = [stack.ports.api],
  listen = async (port) => `listen 127.0.0.1:${port};`,
  scheme = "http",
}: FrontOptions = {}): Promise<Front> {
  await ensureTools("nginx");
  const port = nextPort++;
  const folder = mkdtempSync(join(tmpdir(), "saldo-front."));
  // Started as root, nginx gives its workers another user.
  chmodSync(folder, 0o755);
  await Bun.write(join(folder, "nginx.conf"), Bun.file(join(rootDirectory, "deploy/front/nginx.conf")));
  await Bun.write(join(folder, "listen.conf"), await listen(port, folder));
  const peers = upstreams.map((one) => `server 127.0.0.1:${one} max_fails=0;\n`);
  await Bun.write(join(folder, "upstream.conf"), peers.join(""));
  const log = Bun.file(join(folder, "log"));
  const nginx = Bun.spawn([locateTool("nginx"), "-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: ["ignore", log, log],
  });
  const front = {
    port,
    origin: `${scheme}://127.0.0.1:${port}`,
    log: () => log.text(),
    async [Symbol.asyncDispose]() {
      nginx.kill("SIGTERM");
      await nginx.exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await eventually(async () => {
      if (nginx.exitCode !== null) throw new Error(await log.text());
      return (await fetch(`${front.origin}/front/health`, { tls: { rejectUnauthorized: false } })).ok;
    });
  } catch (error) {
    const reason = await log.text();
    await front[Symbol.asyncDispose]();
    throw new Error(`nginx did not start: ${reason}`, { cause: error });
  }
  return front;
}
