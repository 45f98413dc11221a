import { formatAmount } from "./money.ts";
import type { EntryKind } from "./operations.ts";
import type { StoredEntry } from "./records.ts";

/** Every double quotation mark. One inside of a comment would seem to end the quotation. */
const DOUBLE_QUOTES = /["“”„‟⹂〝〞〟＂❝❞]/g;

/** Controls that change the direction of the text, and separators of lines. */
const BIDI_CONTROLS = /\p{Bidi_Control}/gu;
const LINE_SEPARATORS = /[\u2028\u2029]/g;

/**
 * Describes an entry to its user, with its origin and its reason.
 *
 * Callers' texts are shown so that none can end its quotation, break the line or turn the sentence around.
 */
export function describeEntry(entry: StoredEntry, currency: string): string {
  const money = (amountMinor: bigint) => `${formatAmount(amountMinor)} ${currency}`;
  const sentence = SENTENCES[entry.kind]({
    amount: money(entry.amountMinor),
    availableDeltaMinor: entry.availableDeltaMinor,
    counterpartyUserId: entry.counterpartyUserId,
    source: toShown(entry.source),
    destination: toShown(entry.destination),
    service: `${toShown(entry.serviceName) || entry.serviceId} (order ${entry.orderId})`,
    money,
  });
  const comment = toShown(entry.comment);
  return comment ? `${sentence} Comment: “${comment}”` : sentence;
}

function toShown(text: string | null): string | null {
  if (text === null) return null;
  return text.replace(BIDI_CONTROLS, "").replace(LINE_SEPARATORS, " ").replace(DOUBLE_QUOTES, "'");
}

/** The parts of the sentences, as shown. */
type EntryText = Pick<StoredEntry, "availableDeltaMinor" | "counterpartyUserId" | "source" | "destination"> & {
  amount: string;
  service: string;
  money(amountMinor: bigint): string;
};

const SENTENCES: Record<EntryKind, (entry: EntryText) => string> = {
  deposit: ({ amount, source }) => `You received ${amount}${source ? ` from ${source}` : ""}.`,
  withdrawal: ({ amount, destination }) => `You withdrew ${amount}${destination ? ` to ${destination}` : ""}.`,
  transfer: ({ amount, availableDeltaMinor, counterpartyUserId }) =>
    availableDeltaMinor < 0n
      ? `You sent ${amount} to ${counterpartyUserId}.`
      : `You received ${amount} from ${counterpartyUserId}.`,
  reservation: ({ amount, service }) => `We set ${amount} aside for ${service}.`,
  recognition({ amount, service, availableDeltaMinor, money }) {
    const paid = `You paid ${amount} for ${service}.`;
    return availableDeltaMinor > 0n
      ? `${paid} Another ${money(availableDeltaMinor)} that was set aside for it is available again.`
      : paid;
  },
  release: ({ amount, service }) => `${amount} that we had set aside for ${service} is available again.`,
  expiry: ({ amount, service }) =>
    `${amount} that we had set aside for ${service} is available again: it was not used in time.`,
  refund: ({ amount, service }) => `You got ${amount} back that you had paid for ${service}.`,
};
