import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { describeCounts, describeStep, listCounts, summarize, toTable } from "../../test/support/chaos/report.ts";
import type { Chaos } from "../../test/support/chaos/run.ts";
import { rootDirectory } from "../stack/site.ts";

/** `docs/chaos.md` has a section for each. */
export type Topology = "single" | "cluster";

const file = join(rootDirectory, "docs", "chaos.md");

/** The result of a run without findings. */
const KEPT = `**Every promise was kept.**

* Each answer is in the ledger once, with the outcome that was answered, and is repeated word for word.
* Each request without an answer is completed, declined or absent, and got an answer when it was repeated.
* Balances that were read are the ledger's, and each entry has its event.
* The outbox is empty; no workflow failed, and none is left.

In numbers:`;

const SECTIONS: Record<Topology, { title: string; option: string; scene: string }> = {
  single: {
    title: "One of each part",
    option: "",
    scene: `Meanwhile every part is killed, stopped, cut and frozen. The last fifth of the run has one process, the rest two APIs and two
workers.`,
  },
  cluster: {
    title: "A cluster",
    option: " --cluster",
    scene: `Saldo runs as two processes of \`ROLE=all\`. PostgreSQL is a primary with a synchronous standby, and confirms no commit without
it. Kafka has three brokers, three replicas of each partition and \`min.insync.replicas=2\`. There is one Redis and one Temporal
server. After a failover the former primary becomes the standby; the timeline has the time of each step.`,
  },
};

/** Replaces the section of this topology, and keeps the other. */
export async function writeReport(chaos: Chaos, topology: Topology, minutes: number): Promise<void> {
  const present = await Bun.file(file).text();
  const [begin, end] = [`<!-- Begin: ${topology} -->`, `<!-- End: ${topology} -->`];
  const [before = "", rest = ""] = present.split(begin);
  const after = rest.split(end)[1] ?? "";
  await Bun.write(file, `${before}${begin}\n\n${toSection(chaos, topology, minutes)}\n${end}${after}`);
}

function toSection(chaos: Chaos, topology: Topology, minutes: number): string {
  const { seed, startedAt, loadMs, incidents, findings, record } = chaos;
  const { requests, attempts, operations } = record.totals();
  const { title, option, scene } = SECTIONS[topology];
  const downSeconds = incidents.reduce((sum, { beganMs, backMs }) => sum + (backMs - beganMs) / 1_000, 0);
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `## ${title}

\`./dev test chaos${option} --minutes ${minutes} --seed ${seed}\` on ${startedAt.toISOString().slice(0, 10)}. Clients send operations of all kinds, alone and in batches, and
repeat each with its key until it is answered. ${scene}
The machine has ${cpus().length} cores and ${gigabytes} GB of memory for clients, service and stores.

### Result

${findings.length === 0 ? KEPT : findings.map((finding) => `* **Broken:** ${finding}`).join("\n")}

* ${incidents.length} faults in ${Math.round(loadMs / 60_000)} minutes. A part was down during ${Math.round(downSeconds / 60)} of them.
* ${operations} operations in ${requests} requests, and ${attempts - requests} retries; ${record.reads.userIds.length} balance reads.
* Audits by Saldo meanwhile: ${describeCounts(record.audits)}.
* Completed: ${describeCounts(record.kinds)}.
* Answers that were not final:
${listCounts(record.errors())
  .map((count) => `  * ${count}`)
  .join("\n")}

### By fault

Rates are medians of the operations finally answered in a second, before and during the fault. Recovery is counted from the moment the part answers
again: until the first final answer, and until half of the rate before. Medians, and in parentheses the longest.

${toTable(summarize(incidents)).join("\n")}

### The timeline

\`\`\`
${incidents.flatMap(describeStep).join("\n")}
\`\`\`
`;
}
