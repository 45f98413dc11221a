import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import type { Launch } from "./part.ts";

/** The content of a part's pid file. The start time detects a pid that the kernel has reused. */
export interface RunningProcess {
  pid: number;
  /** In clock ticks since boot, from /proc/PID/stat. */
  startTime: string;
  /** Hash of the launch, to detect a process that runs with other settings or code. */
  fingerprint: string;
}

/** Marks that identify the processes of a part. */
export interface Kinship {
  /** A variable's value in the environment of the first process, which its children inherit. */
  marker: string;
  /** Working directory, for servers that overwrite their environment with a title. */
  directory: string;
  programs: string[];
}

const markerVariable = "SALDO_PART";

/** Starts a process that keeps running after this one, with its output in `logFile`. */
export function launchProcess(launch: Launch, marker: string, pidFile: string, logFile: string): RunningProcess {
  mkdirSync(dirname(pidFile), { recursive: true });
  const log = openSync(logFile, "a");
  const [program = "", ...parameters] = launch.command;
  const child = spawn(program, parameters, {
    cwd: launch.directory,
    env: { ...launch.environment, [markerVariable]: marker },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  // Without a listener, a failed start would throw here as an uncaught error.
  child.on("error", () => {});
  child.unref();
  if (child.pid === undefined) throw new Error(`${program} cannot be executed`);
  const running = {
    pid: child.pid,
    startTime: readStat(child.pid)?.startTime ?? "",
    fingerprint: fingerprintOf(launch),
  };
  writeFileSync(pidFile, JSON.stringify(running));
  return running;
}

/** The process of the pid file, if it is still running. */
export function findRunning(pidFile: string): RunningProcess | undefined {
  try {
    const running = JSON.parse(readFileSync(pidFile, "utf8")) as RunningProcess;
    return readStat(running.pid)?.startTime === running.startTime ? running : undefined;
  } catch {
    return undefined;
  }
}

export function forgetRunning(pidFile: string): void {
  rmSync(pidFile, { force: true });
}

export function fingerprintOf(launch: Launch): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(launch)).digest("hex");
}

/** The process and all its descendants, parents first. */
export function listTree(rootPid: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of listPids()) {
    const parent = readStat(pid)?.parentPid;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [rootPid];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Every process of a part, including those without a parent or a pid file. */
export function listKin(kinship: Kinship): number[] {
  return listPids().filter((pid) => pid !== process.pid && isKin(pid, kinship));
}

/** Sends a signal to each process that is still there. */
export function signalAll(pids: number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself.
    }
  }
}

/** Waits until all processes have ended. @returns whether they did within `timeoutMs` */
export async function awaitEnd(pids: number[], timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (pids.some(isAlive)) {
    if (Date.now() > deadline) return false;
    await Bun.sleep(10);
  }
  return true;
}

/** Waits for SIGSTOP, which takes effect when each process is next scheduled. */
export async function awaitFrozen(pids: number[]): Promise<void> {
  while (pids.some((pid) => isAlive(pid) && !isFrozen(pid))) await Bun.sleep(5);
}

export function isAlive(pid: number): boolean {
  return readStat(pid) !== undefined;
}

export function isFrozen(pid: number): boolean {
  return readStat(pid)?.state === "T";
}

/** Memory of processes in bytes (PSS: a page that several processes share counts once). */
export function measureMemory(pids: number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    const match = /^Pss:\s+(\d+) kB/m.exec(readProc(pid, "smaps_rollup") ?? "");
    kilobytes += Number(match?.[1] ?? 0);
  }
  return kilobytes * 1024;
}

/** Unit of CPU times in /proc (USER_HZ), independent of the kernel's own tick. */
const TICKS_PER_SECOND = 100;

/** CPU seconds of each process since its start, including its ended children. */
export function measureCpu(pids: number[]): Map<number, number> {
  const seconds = new Map<number, number>();
  for (const pid of pids) {
    const stat = readProc(pid, "stat");
    const times = stat
      ?.slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 15)
      .map(Number);
    if (times !== undefined) seconds.set(pid, times.reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND);
  }
  return seconds;
}

function isKin(pid: number, kinship: Kinship): boolean {
  if (readProc(pid, "environ")?.split("\0").includes(`${markerVariable}=${kinship.marker}`))
    return readStat(pid) !== undefined;
  try {
    const program = basename(readlinkSync(`/proc/${pid}/exe`));
    return kinship.programs.includes(program) && readlinkSync(`/proc/${pid}/cwd`) === kinship.directory;
  } catch {
    return false;
  }
}

function listPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/**
 * Returns undefined for a zombie, which only waits to be reaped by its parent.
 * While threads of it are left, they still hold its ports and files, so it counts as alive.
 */
function readStat(pid: number): { state: string; parentPid: number; startTime: string } | undefined {
  const stat = readProc(pid, "stat");
  if (stat === undefined) return undefined;
  // The name in parentheses may contain anything, so the fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "", parentPid = ""] = fields;
  return state === "Z" && countThreads(pid) <= 1
    ? undefined
    : { state, parentPid: Number(parentPid), startTime: fields[19] ?? "" };
}

function countThreads(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}
