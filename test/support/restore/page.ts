import type { Client } from "pg";
import { findPostgresHome } from "../../../scripts/stack/postgresHome.ts";
import { rootDirectory, type Site } from "../../../scripts/stack/site.ts";
import { runTool } from "../../../scripts/stack/tools.ts";
import { type Fence, readFences, readPage } from "../api/pages.ts";

export const PAGE = "docs/operating/backup.md";

/** Runs the blocks of the page about backups, which name example paths, on a stack. The folder ends with the block. */
export async function createRunner(site: Site, environment: Record<string, string>) {
  const home = await findPostgresHome(site, "postgres");
  const folder = `${home.directory}-backup`;
  const steps = readFences(readPage(PAGE)).filter(({ language }) => language !== "text");
  let next = 0;

  const remove = async () => void (await runTool(["rm", "-rf", folder]));
  await remove();
  await runTool(["mkdir", "-p", `${folder}/wal`]);
  await home.own(folder);

  const onStack = (text: string, time: string) =>
    text
      .replaceAll("/var/lib/postgresql/data", home.directory)
      .replaceAll("/backup/", `${folder}/`)
      .replace("2026-11-23 12:00:00+00", time);

  /** Takes the next block of the page. @throws where it is another one than the drill has come to */
  function take(language: string, beginning: string): Fence {
    const step = steps[next];
    if (step?.language !== language || !step.text.startsWith(beginning)) {
      throw new Error(`Block ${next} of ${PAGE} should be ${language} and begin with: ${beginning}`);
    }
    next += 1;
    return step;
  }

  return {
    /** Runs the next block, which must begin so, as SQL in this session. */
    async sql(session: Client, beginning: string): Promise<void> {
      // One statement a query: ALTER SYSTEM refuses to be one of several.
      const { text } = take("sql", beginning);
      for (const statement of text.trimEnd().split(/(?<=;)\n/)) await session.query(onStack(statement, ""));
    },
    /** Runs the next block as the server's user. */
    async onServer(beginning: string, time = ""): Promise<void> {
      const { text } = take("sh", beginning);
      await runTool([...home.runAs, "sh", "-euc", `cd /\n${onStack(text, time)}`]);
    },
    /** Runs the next block with the service's variables. @returns its output */
    async asService(beginning: string): Promise<string> {
      const { text } = take("sh", beginning);
      // `bun` is the installed one, which may not be on the PATH or named so.
      const bun = `bun() { '${process.execPath}' "$@"; }`;
      return await runTool(["sh", "-euc", `cd '${rootDirectory}'\n${bun}\n${text}`], environment);
    },
    /** Deletes the cluster's files, as a lost disk does. */
    async loseDisk(): Promise<void> {
      await runTool([...home.runAs, "find", home.directory, "-mindepth", "1", "-delete"]);
    },
    /** The blocks that were not run. */
    left: () => steps.slice(next).map(({ text }) => text),
    [Symbol.asyncDispose]: remove,
  };
}
