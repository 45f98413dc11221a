import type { CloudEventV1 } from "cloudevents";
import { describeEntry } from "../ledger/description.ts";
import { formatAmount } from "../ledger/money.ts";
import type { StoredEntry } from "../ledger/records.ts";

export const EVENTS_TOPIC = "saldo.operations";

/** A message of the topic: the account's user as key, the event as JSON. */
export type EventMessage = { key: string; value: string };

/**
 * Builds the event of one entry, as CloudEvents 1.0 in structured JSON.
 * It depends on the ledger's rows only, not on a clock or a random id. So it can be published again at any time with
 * the same id and the same bytes. Written by hand, because the library's class validates each event, 5 % of the work of
 * a transfer. A test validates it instead. `currency` is that of all amounts.
 */
export function toEventMessage(entry: StoredEntry, currency: string): EventMessage {
  const event = {
    id: `${entry.operationId}:${entry.userId}`,
    time: entry.createdAt.toISOString(),
    type: `saldo.operation.${entry.kind}`,
    source: "/saldo",
    specversion: "1.0",
    datacontenttype: "application/json",
    dataschema: `urn:saldo:event:${entry.kind}`,
    subject: entry.userId,
    data: {
      userId: entry.userId,
      counterpartyUserId: entry.counterpartyUserId,
      kind: entry.kind,
      currency,
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
      serviceName: entry.serviceName,
      reservationId: entry.reservationId,
      recognitionId: entry.recognitionId,
      source: entry.source,
      destination: entry.destination,
      comment: entry.comment,
      reference: entry.reference,
      metadata: entry.metadata,
      description: describeEntry(entry, currency),
    },
  } satisfies CloudEventV1<object>;
  return { key: entry.userId, value: JSON.stringify(event) };
}
