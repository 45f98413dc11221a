import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { createFleet } from "../../test/support/chaos/fleet.ts";
import { planLong } from "../../test/support/chaos/plan.ts";
import { describeCounts, describeStep, listCounts, summarize, toTable } from "../../test/support/chaos/report.ts";
import { type Chaos, runChaos } from "../../test/support/chaos/run.ts";
import { rootDirectory } from "../stack/site.ts";
import { createStack } from "../stack/stack.ts";
import { print } from "../terminal.ts";

/** The shortest run that replaces the committed report. */
const REPORTED_MINUTES = 4;

const reportFile = join(rootDirectory, "docs", "chaos.md");

/** The result of a run without findings. */
const KEPT = `**Every promise was kept.**

* Each answer is in the ledger once, with the outcome that was answered, and is repeated word for word.
* Each request without an answer is completed, declined or absent, and got an answer when it was repeated.
* Balances that were read are the ledger's, and each entry has its event.
* The outbox is empty; no workflow failed, and none is left.

In numbers:`;

/** Runs the chaos suite on a clean stack and writes its report. @returns the exit code. */
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
  return `# Chaos

The report of one run of the chaos suite.

\`./dev test chaos --minutes ${minutes} --seed ${seed}\` on ${startedAt.toISOString().slice(0, 10)}. Clients send operations of all kinds, alone and in batches, and
repeat each with its key until it is answered. Meanwhile every part is killed, stopped, cut and frozen. The last fifth of the
run has one process, the rest two APIs and two workers. The machine has ${cpus().length} cores and ${gigabytes} GB of memory for clients, service
and stores. [Testing](testing.md#chaos) describes the suite.

The seed repeats the faults, their order and their times; the requests meanwhile differ each time.

## Result

${findings.length === 0 ? KEPT : findings.map((finding) => `* **Broken:** ${finding}`).join("\n")}

* ${incidents.length} faults in ${Math.round(loadMs / 60_000)} minutes. A part was down during ${Math.round(downSeconds / 60)} of them.
* ${operations} operations in ${requests} requests, and ${attempts - requests} retries; ${record.reads.userIds.length} balance reads.
* Audits by Saldo meanwhile: ${describeCounts(record.audits)}.
* Completed: ${describeCounts(record.kinds)}.
* Answers that were not final:
${listCounts(record.errors())
  .map((count) => `  * ${count}`)
  .join("\n")}

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
