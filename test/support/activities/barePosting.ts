import {
  createPosting,
  type Posting,
  type PostingDependencies,
  type PostingLedger,
} from "../../../src/activities/posting.ts";

/** No cache, no events, and nothing to pull. An error is thrown. */
export const NOTHING_FOLLOWS: PostingDependencies = {
  onPosted: async () => {},
  publishPosted: async () => true,
  readPublication: async () => "published",
  pull: async () => {},
  onCarried: () => {},
  onError(error) {
    throw error;
  },
};

/** The posting activities on a ledger, followed by nothing. */
export function postingOn(ledger: PostingLedger): Posting {
  return createPosting(ledger, NOTHING_FOLLOWS);
}
