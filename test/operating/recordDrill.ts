import { join } from "node:path";
import { rootDirectory } from "../../scripts/stack/site.ts";
import { runDrill } from "../support/restore/drill.ts";
import { PAGE } from "../support/restore/page.ts";
import { withTranscript } from "../support/restore/transcript.ts";

// Runs the restore drill on the test stack, and writes its transcript to the page.
// `bun test/operating/recordDrill.ts`

const { transcript } = await runDrill();
await Bun.write(join(rootDirectory, PAGE), withTranscript(transcript));
process.exit(0);
