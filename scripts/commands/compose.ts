import { readKeys } from "../keys.ts";
import { rootDirectory, StackError } from "../stack/site.ts";

/** Whether containers can run here: a Docker engine responds, and its client has `compose`. */
export function isDockerAnswering(): boolean {
  return ["info", "compose version"].every(
    (command) =>
      Bun.which("docker") !== null &&
      Bun.spawnSync(["docker", ...command.split(" ")], { stdout: "ignore", stderr: "ignore", timeout: 5000 }).success,
  );
}

export async function composeUp(): Promise<void> {
  await compose("up", "--build", "--wait", "--remove-orphans");
}

export async function composeDown(): Promise<void> {
  await compose("down", "--remove-orphans");
}

export async function composeReset(): Promise<void> {
  await compose("down", "--remove-orphans", "--volumes");
}

/** Prints the containers, then stuck work. @returns 0 if all are healthy and nothing is stuck, else 1 */
export async function composeStatus(): Promise<number> {
  await compose("ps", "--all");
  const services = ["postgres", "redis", "kafka", "temporal", "saldo"];
  const healthy = Bun.spawnSync(
    ["docker", "compose", "ps", "--status", "running", "--format", "{{.Service}} {{.Health}}"],
    { cwd: rootDirectory, env: createEnvironment() },
  ).stdout.toString();
  if (!services.every((service) => healthy.split("\n").includes(`${service} healthy`))) return 1;
  const stuckWork = Bun.spawn(["docker", "compose", "exec", "-T", "saldo", "bun", "src/commands/status.ts"], {
    cwd: rootDirectory,
    env: createEnvironment(),
    stdio: ["ignore", "inherit", "inherit"],
  });
  return (await stuckWork.exited) === 0 ? 0 : 1;
}

async function compose(...parameters: string[]): Promise<void> {
  const child = Bun.spawn(["docker", "compose", ...parameters], {
    cwd: rootDirectory,
    env: createEnvironment(),
    stdio: ["ignore", "inherit", "inherit"],
  });
  if ((await child.exited) !== 0) {
    throw new StackError(`docker compose ${parameters[0]} failed: see "docker compose logs" for the reason.`);
  }
}

function createEnvironment(): Record<string, string | undefined> {
  return { ...process.env, ...readKeys() };
}
