import { rootDirectory } from "../stack/site.ts";
import { print } from "../terminal.ts";

/**
 * Asks the package registry whether there are advisories about the packages of bun.lock, and prints them. @returns 0 where there are none, 1 where
 * there are, 2 where it could not be asked: that says nothing about the packages. No test depends on it, since it needs a network.
 */
export async function runAdvisories(environment: Record<string, string> = {}): Promise<number> {
  const audit = Bun.spawn([process.execPath, "audit"], {
    cwd: rootDirectory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [found, trouble, code] = await Promise.all([
    new Response(audit.stdout).text(),
    new Response(audit.stderr).text(),
    audit.exited,
  ]);
  print(`${found}${trouble}`.trim());
  const isAsked = code === 0 || !/^error: /m.test(trouble);
  if (isAsked) return code;
  print(
    "The registry could not be asked for advisories. That says nothing about the packages: ask again where it can be reached.",
  );
  return 2;
}
