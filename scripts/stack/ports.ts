import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createConnection } from "node:net";

export interface PortHolder {
  port: number;
  /** Name and pid, if this user may read them. */
  program: string;
}

/**
 * The first of these ports that has a listener.
 * Reads the kernel's table: an attempt to listen would also fail in the minute after a server was killed.
 */
export function findPortHolder(ports: number[]): PortHolder | undefined {
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of readFileSync(table, "utf8").trim().split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const port = Number.parseInt(fields[1]?.split(":")[1] ?? "", 16);
      const isListening = fields[3] === "0A";
      if (isListening && ports.includes(port)) return { port, program: nameSocketOwner(fields[9] ?? "") };
    }
  }
  return undefined;
}

function nameSocketOwner(inode: string): string {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const isOwner = readdirSync(`/proc/${pid}/fd`).some(
        (fd) => readLink(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`,
      );
      if (isOwner) return `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (pid ${pid})`;
    } catch {
      // Another user's process, or one that has just ended.
    }
  }
  return "another user's program";
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** Sends a text and returns the first bytes of the response. A frozen server never responds, hence the timeout. */
export function exchange(port: number, request: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => fail(new Error(`no response in ${timeoutMs} ms`)));
    socket.once("error", fail);
    socket.once("connect", () => socket.write(request));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}
