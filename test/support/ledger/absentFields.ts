import { entryTexts } from "../../../src/ledger/posted.ts";
import { UNKNOWN_SUBJECT } from "../../../src/ledger/subject.ts";

/** The fields of an entry whose request and service have no text. */
export const NO_TEXTS = { serviceName: null, ...entryTexts({ reservationId: "" }) };

/** The fields of a stored operation without entry, reservation, recognition and origin. */
export const NOTHING_SETTLED = {
  ...UNKNOWN_SUBJECT,
  by: null,
  reason: null,
  expiresAt: null,
  amountMinor: null,
  releasedMinor: null,
  refundedMinor: null,
};
