import { formatAmount } from "../../ledger/money.ts";
import type { EntryKind } from "../../ledger/operations.ts";
import type { StatementEntry } from "../../ledger/records.ts";

/** Describes an entry to its user, with its origin and its reason. */
export function describeEntry(entry: StatementEntry, currency: string): string {
  const money = (amountMinor: bigint) => `${formatAmount(amountMinor)} ${currency}`;
  const service = `${entry.serviceName ?? entry.serviceId} (order ${entry.orderId})`;
  const sentence = SENTENCES[entry.kind]({ ...entry, amount: money(entry.amountMinor), service, money });
  return entry.comment ? `${sentence} Comment: “${entry.comment}”` : sentence;
}

/** An entry with its amount and its service as text. */
type EntryText = StatementEntry & { amount: string; service: string; money(amountMinor: bigint): string };

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
