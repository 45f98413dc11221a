import { mkdirSync } from "node:fs";
import { type Part, plainEnvironment } from "./part.ts";
import { exchange } from "./ports.ts";
import type { Site } from "./site.ts";
import { ensureTools, locateTool } from "./tools.ts";

/**
 * A pure cache: no persistence, and the least recently used keys are evicted.
 * `further` settings are for tests that need a server of their own.
 */
export function createRedis(site: Site, further: Record<string, string> = {}): Part {
  const port = site.ports.redis;
  const directory = site.dataDirectory("redis");
  return {
    name: "redis",
    title: "Redis",
    address: `127.0.0.1:${port}`,
    ports: [port],
    // Debian's redis-server is a link to redis-check-rdb.
    programs: ["redis-server", "redis-check-rdb"],
    stopSignal: "SIGTERM",
    async prepare() {
      await ensureTools("redis-server");
      mkdirSync(directory, { recursive: true });
    },
    async launch() {
      const settings = {
        port: `${port}`,
        bind: "127.0.0.1",
        dir: directory,
        save: "",
        appendonly: "no",
        maxmemory: "256mb",
        "maxmemory-policy": "allkeys-lru",
        ...further,
      };
      return {
        command: [
          locateTool("redis-server"),
          ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
        ],
        environment: plainEnvironment,
        directory,
      };
    },
    async check() {
      const answer = (await exchange(port, "PING\r\n", 1000)).trim();
      if (answer !== "+PONG") throw new Error(`PING returned ${answer}`);
    },
  };
}
