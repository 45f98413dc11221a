import { join } from "node:path";
import { rootDirectory } from "../../../scripts/stack/site.ts";

/** The sources of the configuration, which name every variable that Saldo reads. */
export async function readConfigSources(): Promise<string> {
  const scan = (glob: string) => [...new Bun.Glob(glob).scanSync({ cwd: rootDirectory })];
  const files = ["src/config.ts", "src/config/**/*.ts"].flatMap(scan);
  return (await Promise.all(files.map((file) => Bun.file(join(rootDirectory, file)).text()))).join("");
}
