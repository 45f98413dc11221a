import {
  createPosting,
  type Posting,
  type PostingDependencies,
  type PostingLedger,
} from "../../../src/activities/posting.ts";

/** Posting without cache, events or pulling. An error in a follow-up is thrown. */
export const NOTHING_FOLLOWS: PostingDependencies = {
  onPosted: async () => {},
  publishPosted: async () => true,
  readPublication: async () => ({ events: "published" }),
  pull: async () => {},
  onCarried: () => {},
  onError(error) {
    throw error;
  },
};

/** Creates the posting activities on a ledger, without follow-ups. */
export function postingOn(ledger: PostingLedger): Posting {
  return createPosting(ledger, NOTHING_FOLLOWS);
}
