import { existsSync } from "node:fs";
import { join } from "node:path";
import { findRunning } from "./processes.ts";
import type { Site } from "./site.ts";

/** A cluster has both servers, any other stack only the first. */
export const serverNames = ["postgres", "postgres-2"] as const;
export type ServerName = (typeof serverNames)[number];

export function postgresPort(site: Site, name: ServerName): number {
  return site.ports.postgres + serverNames.indexOf(name);
}

export function otherServer(name: ServerName): ServerName {
  return name === "postgres" ? "postgres-2" : "postgres";
}

/** Whether the server's data is that of a standby. PostgreSQL deletes the file at the promotion. */
export function isStandby(site: Site, name: ServerName): boolean {
  return existsSync(join(site.dataDirectory(name), "standby.signal"));
}

export function isRunningPrimary(site: Site, name: ServerName): boolean {
  return findRunning(site.pidFile(name)) !== undefined && !isStandby(site, name);
}

/** The server that takes writes, or did before it ended. */
export function primaryOf(site: Site): ServerName {
  const isPrimary = (name: ServerName) => !isStandby(site, name);
  return serverNames.find((name) => isRunningPrimary(site, name)) ?? serverNames.find(isPrimary) ?? "postgres";
}
