import type { CloudEventV1 } from "cloudevents";
import { formatAmount } from "../ledger/money.ts";
import type { StoredEntry } from "../ledger/records.ts";

export const EVENTS_TOPIC = "saldo.operations";

/** What a message of the topic holds: the user whose account it is about, and the event as JSON. */
export type EventMessage = { key: string; value: string };

/**
 * The event of one entry, as CloudEvents 1.0 in structured JSON. It is made of the ledger's rows and nothing else (no clock, no random
 * id), so that it can be published again at any time with the same id and the same bytes. Written out, since the library's own class would
 * check each against a schema, a twentieth of the work of a transfer; a test does.
 */
export function toEventMessage(entry: StoredEntry): EventMessage {
  const event = {
    id: `${entry.operationId}:${entry.userId}`,
    time: entry.createdAt.toISOString(),
    type: `saldo.operation.${entry.kind}`,
    source: "/saldo",
    specversion: "1.0",
    datacontenttype: "application/json",
    subject: entry.userId,
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
  } satisfies CloudEventV1<object>;
  return { key: entry.userId, value: JSON.stringify(event) };
}
