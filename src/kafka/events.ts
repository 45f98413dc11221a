import { CloudEvent } from "cloudevents";
import { formatAmount } from "../ledger/money.ts";
import type { StoredEntry } from "../ledger/records.ts";

export const EVENTS_TOPIC = "saldo.operations";

/** What a message of the topic holds: the user whose account it is about, and the event as JSON. */
export type EventMessage = { key: string; value: string };

/**
 * The event of one entry, as CloudEvents 1.0 in structured JSON. It is made of the ledger's rows and nothing else (no clock, no random
 * id), so that it can be published again at any time with the same id and the same bytes.
 */
export function toEventMessage(entry: StoredEntry): EventMessage {
  const event = new CloudEvent({
    specversion: "1.0",
    id: `${entry.operationId}:${entry.userId}`,
    source: "/saldo",
    type: `saldo.operation.${entry.kind}`,
    subject: entry.userId,
    time: entry.createdAt.toISOString(),
    datacontenttype: "application/json",
    data: {
      userId: entry.userId,
      counterpartyUserId: entry.counterpartyUserId,
      kind: entry.kind,
      amount: formatAmount(entry.amountMinor),
      availableDelta: formatAmount(entry.availableDeltaMinor),
      reservedDelta: formatAmount(entry.reservedDeltaMinor),
      availableAfter: formatAmount(entry.availableAfterMinor),
      reservedAfter: formatAmount(entry.reservedAfterMinor),
      version: entry.version,
      operationId: entry.operationId,
      workflowId: entry.workflowId,
      orderId: entry.orderId,
      serviceId: entry.serviceId,
      reservationId: entry.reservationId,
      comment: entry.comment,
    },
  });
  return { key: entry.userId, value: JSON.stringify(event) };
}
