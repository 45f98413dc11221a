import { setCurrentDetails } from "@temporalio/workflow";
import type { PostingResult } from "../activities/index.ts";
import { describeWaitingEvents } from "./display.ts";

export type Details = ReturnType<typeof createDetails>;

/** The current details of a workflow: its events that wait for Kafka, then its outcomes. They add no command. */
export function createDetails() {
  let waiting = "";
  let story = "";
  const show = () => setCurrentDetails([waiting, story].filter((text) => text !== "").join("\n\n"));

  return {
    /** Shows the outcomes, or the state of a saga. */
    show(text: string): void {
      story = text;
      show();
    },

    /** Shows the events that are not in Kafka yet. */
    showEvents(left: Pick<PostingResult, "events" | "eventsWaiting">): void {
      waiting = describeWaitingEvents(left);
      show();
    },
  };
}
