import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { printPart } from "../terminal.ts";
import { StackError } from "./site.ts";

/** The Debian package of each program. */
const packages = {
  "redis-server": "redis-server",
  java: "default-jre-headless",
  mvn: "maven",
  python3: "python3",
  pip: "python3-pip",
  "chromium-headless-shell": "chromium-headless-shell",
  openssl: "openssl",
  nginx: "nginx-light",
  prometheus: "prometheus",
} as const;

export type Tool = keyof typeof packages;

/** A queue of installations. Two at once would wait for the package manager's lock, or fail. */
let installations: Promise<void> = Promise.resolve();

/** Installs missing programs. @throws StackError with their names where that is not possible */
export function ensureTools(...tools: Tool[]): Promise<void> {
  installations = installations.catch(() => {}).then(() => installMissing(tools));
  return installations;
}

async function installMissing(tools: Tool[]): Promise<void> {
  const missing = tools.filter((tool) => !isInstalled(tool));
  if (missing.length === 0) return;
  const names = missing.map((tool) => packages[tool]).join(" ");
  if (process.getuid?.() !== 0 || Bun.which("apt-get") === null) {
    throw new StackError(`${missing.join(" and ")} is missing: install it (Debian: apt-get install ${names}).`);
  }
  printPart("tools", `installing ${names}`);
  await runTool(["apt-get", "update", "-qq"]);
  await runTool([
    "apt-get",
    "install",
    "-y",
    "-qq",
    "--no-install-recommends",
    "-o",
    "DPkg::Lock::Timeout=300",
    ...names.split(" "),
  ]);
  // With an init system these packages start their own servers. They are disabled: the stack has other ports.
  for (const server of ["redis-server", "nginx", "prometheus"] as const) {
    if (missing.includes(server) && Bun.which("systemctl") !== null) {
      Bun.spawnSync(["systemctl", "disable", "--now", server], { stdio: ["ignore", "ignore", "ignore"] });
    }
  }
  const still = missing.filter((tool) => !isInstalled(tool));
  if (still.length > 0) throw new StackError(`${still.join(" and ")} is still missing after installing ${names}.`);
}

function isInstalled(tool: Tool): boolean {
  if (tool !== "pip") return findTool(tool) !== null;
  return Bun.which("python3") !== null && Bun.spawnSync(["python3", "-m", "pip", "--version"]).exitCode === 0;
}

/** Debian installs servers into a folder that is not in the PATH of every user. */
function findTool(tool: Tool): string | null {
  return Bun.which(tool, { PATH: `${process.env.PATH}:/usr/sbin` });
}

/** The program's full path: a launch does not depend on the caller's PATH. */
export function locateTool(tool: Tool): string {
  const path = findTool(tool);
  if (path === null) throw new StackError(`${tool} is missing.`);
  return path;
}

/** Runs a program to its end. @returns its output @throws StackError with the last lines of its output */
export async function runTool(
  command: string[],
  environment: Record<string, string | undefined> = {},
): Promise<string> {
  const child = Bun.spawn(command, {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) {
    const lastLines = `${output}\n${errors}`.trim().split("\n").slice(-5).join("\n  ");
    throw new StackError(`"${command.slice(0, 4).join(" ")} …" failed with exit code ${code}:\n  ${lastLines}`);
  }
  return output;
}

/** The folders that are being filled. Several stacks may start at once. */
const filling = new Map<string, Promise<void>>();

/**
 * Creates a folder atomically: `fill` works in a temporary folder, which is then renamed.
 * An interrupted run leaves no half-filled folder. Of two concurrent runs, either result is used.
 */
export async function ensureFolder(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return;
  const filled = filling.get(folder) ?? fillFolder(folder, fill);
  filling.set(folder, filled);
  // A failure is tried again by the next call.
  await filled.finally(() => filling.delete(folder));
}

async function fillFolder(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = mkdtempSync(`${folder}.`);
  try {
    await fill(temporary);
    if (!existsSync(folder)) renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
