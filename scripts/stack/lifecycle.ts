import { chmodSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { relative } from "node:path";
import type { Part } from "./part.ts";
import { findPortHolder } from "./ports.ts";
import {
  awaitEnd,
  awaitFrozen,
  findRunning,
  fingerprintOf,
  forgetRunning,
  isAlive,
  isFrozen,
  launchProcess,
  listKin,
  listTree,
  measureMemory,
  signalAll,
} from "./processes.ts";
import { createPrivateFolders, rootDirectory, type Site, StackError } from "./site.ts";

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
const killTimeoutMs = 10_000;

export interface PartHealth {
  healthy: boolean;
  state: "up" | "down" | "frozen" | "failing";
  /** The reason where it is not healthy; otherwise the address. */
  detail: string;
  pid: number | undefined;
}

/** Starts a part, unless it is up with the same settings and code. @returns whether it was started */
export async function startPart(site: Site, part: Part): Promise<boolean> {
  createPrivateFolders(site);
  await part.prepare();
  chmodSync(realPathOf(site.dataDirectory(part.name)), 0o700);
  const launch = await part.launch();
  const running = findRunning(site.pidFile(part.name));
  if (running !== undefined && running.fingerprint === fingerprintOf(launch)) {
    thawPart(site, part);
    if ((await inspectPart(site, part)).healthy) {
      await part.settle?.();
      return false;
    }
  }
  await stopPart(site, part);
  const holder = findPortHolder(part.ports);
  if (holder !== undefined) {
    throw new StackError(
      `Port ${holder.port}, which ${part.title} needs, is used by ${holder.program}: stop that and try again.`,
    );
  }
  const logFile = site.logFile(part.name);
  const logOffset = sizeOf(logFile);
  const { pid } = launchProcess(launch, markerOf(site, part), site.pidFile(part.name), logFile);
  await awaitHealth(part, pid, () => readLastLines(logFile, logOffset));
  await part.settle?.();
  return true;
}

/**
 * Stops a part by its own stop signal.
 * Kills processes that do not end within the timeout, or that a killed run left behind.
 */
export async function stopPart(site: Site, part: Part): Promise<void> {
  const running = findRunning(site.pidFile(part.name));
  if (running !== undefined) {
    thawPart(site, part);
    signalAll([running.pid], part.stopSignal);
    await awaitEnd([running.pid], stopTimeoutMs);
  }
  await killPart(site, part);
}

/** Ends every process of a part with SIGKILL. */
export async function killPart(site: Site, part: Part): Promise<void> {
  // Repeats until no process is found. A parent may start a child while it is being killed.
  for (let pids = listPart(site, part); pids.length > 0; pids = listPart(site, part)) {
    signalAll(pids, "SIGKILL");
    if (!(await awaitEnd(pids, killTimeoutMs))) {
      throw new StackError(`${part.title} (pid ${pids.filter(isAlive).join(", ")}) did not end after SIGKILL.`);
    }
  }
  forgetRunning(site.pidFile(part.name));
  part.clear?.();
}

/** Stops all processes of a part with SIGSTOP: connections stay open, without responses. */
export async function freezePart(site: Site, part: Part): Promise<void> {
  const running = findRunning(site.pidFile(part.name));
  if (running === undefined) throw new StackError(`${part.title} is not running: there is nothing to freeze.`);
  // The root first: a frozen parent starts no more children.
  signalAll([running.pid], "SIGSTOP");
  await awaitFrozen([running.pid]);
  const pids = listTree(running.pid);
  signalAll(pids, "SIGSTOP");
  await awaitFrozen(pids);
}

export function thawPart(site: Site, part: Part): void {
  const running = findRunning(site.pidFile(part.name));
  if (running !== undefined) signalAll(listTree(running.pid).reverse(), "SIGCONT");
}

export async function inspectPart(site: Site, part: Part): Promise<PartHealth> {
  const pid = findRunning(site.pidFile(part.name))?.pid;
  if (pid === undefined) return { healthy: false, state: "down", detail: "not running", pid };
  if (isFrozen(pid)) return { healthy: false, state: "frozen", detail: "stopped by a signal", pid };
  try {
    await part.check();
    return { healthy: true, state: "up", detail: part.address, pid };
  } catch (error) {
    return { healthy: false, state: "failing", detail: messageOf(error), pid };
  }
}

export function measurePart(site: Site, part: Part): number {
  return measureMemory(listProcesses(site, part));
}

/** The pids of the part's process and its descendants; empty where it is not running. */
export function listProcesses(site: Site, part: Part): number[] {
  const running = findRunning(site.pidFile(part.name));
  return running === undefined ? [] : listTree(running.pid);
}

function listPart(site: Site, part: Part): number[] {
  const running = findRunning(site.pidFile(part.name));
  const directory = realPathOf(site.dataDirectory(part.name));
  const kin = listKin({ marker: markerOf(site, part), directory, programs: part.programs });
  return [...new Set([...(running === undefined ? [] : listTree(running.pid)), ...kin])];
}

async function awaitHealth(part: Part, pid: number, readLog: () => string): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  let reason = "";
  while (Date.now() < deadline) {
    try {
      await part.check();
      return;
    } catch (error) {
      reason = messageOf(error);
    }
    if (!isAlive(pid)) throw new StackError(`${part.title} did not start, its process ended; ${readLog()}`);
    await Bun.sleep(50);
  }
  throw new StackError(`${part.title} was not ready in ${readyTimeoutMs / 1000} s (${reason}); ${readLog()}`);
}

function markerOf(site: Site, part: Part): string {
  return site.dataDirectory(part.name);
}

function readLastLines(logFile: string, offset: number): string {
  const log = readFileSync(logFile).subarray(offset).toString().trim();
  if (log === "") return `it wrote nothing to ${relative(rootDirectory, logFile)}.`;
  const lines = log.split("\n").slice(-3);
  return `${relative(rootDirectory, logFile)} ends with:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** Deletes the data folder of a stopped part, including the target of a link. */
export function dropData(site: Site, part: Part): void {
  const directory = site.dataDirectory(part.name);
  rmSync(realPathOf(directory), { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
}
