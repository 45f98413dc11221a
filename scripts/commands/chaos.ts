import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { createFleet } from "../../test/support/chaos/fleet.ts";
import { planLong } from "../../test/support/chaos/plan.ts";
import { describeCounts, describeStep, summarize, toTable } from "../../test/support/chaos/report.ts";
import { type Chaos, runChaos } from "../../test/support/chaos/run.ts";
import { rootDirectory } from "../stack/site.ts";
import { createStack } from "../stack/stack.ts";
import { print } from "../terminal.ts";

/** The shortest run that replaces the committed report. */
const REPORTED_MINUTES = 4;

const reportFile = join(rootDirectory, "docs", "chaos.md");

/** The result of a run without findings. */
const GUARANTEES = `**Every guarantee held:**

* Each outcome that a client received is in the ledger once, and a repeated request returned it unchanged.
* Each request without a response was completed, declined or not executed, and its repeat returned the outcome.
* Each balance that a client read agrees with the ledger.
* Each entry has its event, and the outbox is empty.
* No workflow failed, and no workflow is still running.

Figures of the run:`;

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
  return `# A run of the chaos suite

\`./dev test chaos --minutes ${minutes} --seed ${seed}\`, on ${startedAt.toISOString().slice(0, 10)}, with ${cpus().length} cores and ${gigabytes} GB of memory for clients, service and stores.

Clients send operations of all kinds, alone and in batches. They repeat each request with the same idempotency key until the response is final.
Meanwhile Saldo's processes and the stores are killed, stopped, cut off and frozen. The last fifth of the time runs against one process, the rest
against two APIs and two workers.

The seed repeats the faults, their order and their times. The responses during a fault differ from run to run.

## Result

${findings.length === 0 ? GUARANTEES : findings.map((finding) => `* **Broken:** ${finding}`).join("\n")}

* ${incidents.length} faults in ${Math.round(loadMs / 60_000)} minutes. During ${Math.round(downSeconds / 60)} of these minutes a part was unavailable.
* ${operations} operations in ${requests} requests, with ${attempts - requests} retries; ${record.reads.userIds.length} balance reads.
* Audits by Saldo during the run: ${describeCounts(record.audits)}.
* Completed: ${describeCounts(record.kinds)}.
* Responses that were not final: ${describeCounts(record.errors())}.

## By fault

Rates are medians of final responses per second, before and during the fault. Recovery starts when the part responds again. It is measured until
the first final response, and until half of the rate before the fault. Each cell shows the median, and the maximum in parentheses.

${toTable(summarize(incidents)).join("\n")}

## Timeline

\`\`\`
${incidents.flatMap(describeStep).join("\n")}
\`\`\`
`;
}
