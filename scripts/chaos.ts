import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { createFleet } from "../test/support/chaos/fleet.ts";
import { planLong } from "../test/support/chaos/plan.ts";
import { describeCounts, describeStep, summarize, toTable } from "../test/support/chaos/report.ts";
import { type Chaos, runChaos } from "../test/support/chaos/run.ts";
import { rootDirectory } from "./stack/site.ts";
import { createStack } from "./stack.ts";
import { print } from "./terminal.ts";

/** The shortest run whose report is worth keeping beside the sources. */
const REPORTED_MINUTES = 4;

const reportFile = join(rootDirectory, "docs", "chaos.md");

/** The chaos suite for so many minutes on a clean stack, and its report. @returns the exit code. */
export async function runLongChaos(minutes: number, seed = Math.floor(Math.random() * 2 ** 31)): Promise<number> {
  const over = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => over.abort());
  print(`./dev test chaos --minutes ${minutes} --seed ${seed}`);
  const stack = createStack("test");
  try {
    await stack.reset();
    await stack.up();
    const phases = planLong(seed, minutes);
    const chaos = await runChaos({
      stack,
      fleet: createFleet(stack, "one"),
      seed,
      phases,
      print,
      signal: over.signal,
    });
    if (minutes >= REPORTED_MINUTES) {
      await Bun.write(reportFile, toReport(chaos, minutes));
      print("The report is docs/chaos.md.");
    }
    return chaos.findings.length === 0 ? 0 : 1;
  } catch (error) {
    if (over.signal.aborted) return 130;
    throw error;
  } finally {
    await stack.down();
  }
}

function toReport(chaos: Chaos, minutes: number): string {
  const { seed, startedAt, loadMs, incidents, findings, record } = chaos;
  const { requests, attempts, operations } = record.totals();
  const downSeconds = incidents.reduce((sum, { beganMs, backMs }) => sum + (backMs - beganMs) / 1_000, 0);
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `# A run of the chaos suite

\`./dev test chaos --minutes ${minutes} --seed ${seed}\`, on ${startedAt.toISOString().slice(0, 10)}: clients ask for all kinds of operations, alone and in batches, and
ask again with the same key until they are answered, while everything under them is killed, stopped, cut and frozen. The last fifth runs
against one process, the rest against two APIs and two workers. The machine has ${cpus().length} cores and ${gigabytes} GB of memory, for everything: clients, service, stores.

The seed repeats the faults, their order and their times; what clients meet meanwhile is another thing each time.

## What came of it

${findings.length === 0 ? "**Every promise was kept**: each answer is in the ledger once with the outcome that was answered, and is given again word for word; each request without an answer is done, declined or absent, and was answered when it was repeated; balances that were read are the ledger's; each entry has its event; nothing is unpublished; no workflow failed, and none is left." : findings.map((finding) => `* **Broken:** ${finding}`).join("\n")}

* ${incidents.length} faults in ${Math.round(loadMs / 60_000)} minutes, ${Math.round(downSeconds / 60)} of which something was away.
* ${operations} operations in ${requests} requests, and ${attempts - requests} of those asked again; ${record.reads.userIds.length} balances read.
* Audits by Saldo meanwhile: ${describeCounts(record.audits)}.
* Completed: ${describeCounts(record.kinds)}.
* In place of a final answer: ${describeCounts(record.errors())}.

## By fault

Rates are medians of the operations finally answered in a second, before and during the fault. Recovery is counted from the moment the part answers
again: until the first final answer, and until half of the rate before. Medians, and in parentheses the longest.

${toTable(summarize(incidents)).join("\n")}

## The timeline

\`\`\`
${incidents.flatMap(describeStep).join("\n")}
\`\`\`
`;
}
