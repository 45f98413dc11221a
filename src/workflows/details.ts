import { setCurrentDetails } from "@temporalio/workflow";
import type { PostingResult } from "../activities/index.ts";
import { describeWaitingEvents } from "./display.ts";

export type Details = ReturnType<typeof createDetails>;

/** The current details of a workflow: its waits, then its outcomes. They add no command. */
export function createDetails() {
  let ledger = "";
  let waiting = "";
  let story = "";
  const show = () => setCurrentDetails([ledger, waiting, story].filter((text) => text !== "").join("\n\n"));

  return {
    /** Shows the outcomes, or the state of a saga. */
    show(text: string): void {
      story = text;
      show();
    },

    /** Shows the activity that waits for the ledger; undefined once it has ended. */
    showLedgerWait(activity: string | undefined): void {
      ledger = activity ? `Waiting for the ledger: see the pending activity \`${activity}\` for its last error.` : "";
      show();
    },

    /** Shows the events that are not in Kafka yet. */
    showEvents(left: Pick<PostingResult, "events" | "eventsWaiting">): void {
      waiting = describeWaitingEvents(left);
      show();
    },
  };
}
