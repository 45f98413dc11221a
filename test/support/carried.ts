import type { Carried } from "../../src/activities/index.ts";
import type { Following } from "../../src/activities/posting.ts";
import type { Outcome } from "../../src/ledger/operations.ts";

/** What a posting leaves to its workflow. */
export type Left = Partial<Omit<Carried, "outcomes">>;

/** What a posting came to that leaves nothing to do, or only this. */
export function carried(outcomes: Outcome[], left: Left = {}): Carried {
  return { outcomes, events: "published", sagas: [], ...left };
}

/** For tests of what is posted alone. Trouble, of which there is none then, would fail the posting. */
export const NOTHING_FOLLOWS: Following = {
  onCommitted: async () => {},
  tryPublishEvents: async () => "published",
  onTrouble(error) {
    throw error;
  },
};
