import { rootDirectory } from "../stack/site.ts";
import { print } from "../terminal.ts";

/**
 * Prints the package registry's advisories about the packages of bun.lock.
 * No test depends on the real registry, since it needs a network.
 * @returns 0 without advisories, 1 with some, 2 where the registry did not respond as one
 */
export async function runAdvisories(environment: Record<string, string> = {}): Promise<number> {
  const audit = Bun.spawn([process.execPath, "audit"], {
    cwd: rootDirectory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors, code] = await Promise.all([
    new Response(audit.stdout).text(),
    new Response(audit.stderr).text(),
    audit.exited,
  ]);
  print(`${output}${errors}`.trim());
  const isChecked = code === 0 || !/^error: /m.test(errors);
  if (isChecked) return code;
  print("The registry did not return advisories, so the packages are not checked: run this again with a network.");
  return 2;
}
