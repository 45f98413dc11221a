import { formatSpan, formatTime, money } from "./format.ts";
import type { EventState } from "./outbox.ts";
import { partsOf } from "./reservationList.tsx";
import { formatRoute } from "./route.ts";
import { sentenceOf } from "./sentences.ts";
import type { Step } from "./story.tsx";
import { T } from "./texts.ts";
import { fieldsOf, type Operation, type Reservation } from "./types.ts";

/** The steps of an operation: asked, committed or declined, published, settled. */
export function storyOf(operation: Operation, reservation: Reservation | undefined, event: EventState): Step[] {
  const { by, completedAt, createdAt, balance, code, currency = "" } = fieldsOf(operation);
  const asked: Step = {
    id: "asked",
    at: createdAt,
    title: by === undefined ? T.story.asked : T.story.began,
    text: by === undefined ? undefined : T.story.by(by),
    tone: "good",
  };
  if (operation.status === "pending") {
    return [asked, { id: "pending", title: T.story.pending, text: T.story.pendingText, tone: "warn" }];
  }
  if (operation.status === "declined") {
    const reason = code ? T.failures[code] : undefined;
    return [
      asked,
      { id: "declined", at: completedAt, title: T.story.declined, text: reason, tone: "bad" },
      { id: "event", title: T.story.noEvent, text: T.story.noEventDeclined, tone: "" },
    ];
  }
  const waitedMs = completedAt && createdAt ? Date.parse(completedAt) - Date.parse(createdAt) : 0;
  const after = balance && T.balance(money(balance.available, currency), money(balance.reserved, currency));
  const committed: Step = {
    id: "committed",
    at: completedAt,
    title: T.story.committed,
    text: [waitedMs >= 1_000 ? T.story.waited(formatSpan(waitedMs)) : "", after ?? ""].filter(Boolean).join(" "),
    tone: "good",
  };
  return [asked, committed, eventOf(operation, event), ...settlementOf(operation, reservation, currency)];
}

function eventOf({ kind }: Operation, event: EventState): Step {
  if (kind === "extension") return { id: "event", title: T.story.noEvent, text: T.story.noEventExtension, tone: "" };
  const tone = event === "published" ? "good" : event === "waiting" ? "warn" : "";
  return { id: "event", title: T.story.event[event], text: T.story.eventText[event], tone };
}

function settlementOf(operation: Operation, reservation: Reservation | undefined, currency: string): Step[] {
  if (!reservation) return [];
  const { operationId } = operation;
  const refunds = reservation.operations
    .filter((one) => one.kind === "refund" && fieldsOf(one).recognitionId === operationId)
    .map((refund) => ({ ...stepOf(refund), title: T.story.refunded(money(fieldsOf(refund).amount!, currency)) }));
  const route = formatRoute("reservation", reservation.reservationId);
  return [...settledOf(reservation, currency, route), ...refunds];
}

function settledOf(reservation: Reservation, currency: string, route?: string): Step[] {
  const { state, remaining, expiresAt } = reservation;
  if (state === "open") {
    const text = T.story.openText(money(remaining, currency), formatTime(expiresAt));
    return [{ id: "open", title: T.story.open, text, tone: "warn", route }];
  }
  const last = reservation.operations.findLast(({ kind }) => ["recognition", "release", "expiry"].includes(kind));
  const at = last && fieldsOf(last).completedAt;
  return [{ id: "settled", at, title: T.story.settled, text: partsOf(reservation), tone: "good", route }];
}

/** All operations of a reservation in their order, and its end. */
export function reservationStoryOf(reservation: Reservation, currency: string): Step[] {
  const steps = reservation.operations.map(stepOf);
  return [...steps, ...settledOf(reservation, currency).map((step) => ({ ...step, at: undefined }))];
}

/** An operation as a step of another thing's story. */
function stepOf(operation: Operation): Step {
  const { completedAt, comment, by, reason } = fieldsOf(operation);
  const { operationId, workflowId, kind } = operation;
  const words = reason ?? comment;
  return {
    id: operationId,
    at: completedAt,
    title: T.kinds[kind],
    text: [`${sentenceOf(operation)}.`, by && T.story.by(by), words && T.quoted(words)].filter(Boolean).join(" "),
    tone: kind === "expiry" ? "warn" : "good",
    route: formatRoute("operation", operationId, { workflow: workflowId }),
  };
}
