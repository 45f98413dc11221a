import { money } from "./format.ts";
import { T } from "./texts.ts";
import { fieldsOf, type Operation } from "./types.ts";

/** An operation as one sentence. */
export function sentenceOf(operation: Operation): string {
  const { amount, currency, userId = "", fromUserId = "", toUserId = "", ...fields } = fieldsOf(operation);
  const sum = amount === undefined ? T.operation.rest : money(amount, currency);
  // A name may be written from right to left. Isolated, it moves nothing around it.
  const service = fields.serviceName === undefined ? (fields.serviceId ?? "") : `\u2068${fields.serviceName}\u2069`;
  return T.operation.sentences[operation.kind]({
    sum,
    userId,
    fromUserId,
    toUserId,
    service,
    order: fields.orderId ?? "",
  });
}
