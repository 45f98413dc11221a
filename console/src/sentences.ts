import { money } from "./format.ts";
import { T } from "./texts.ts";
import { fieldsOf, type Operation } from "./types.ts";

/** An operation as one sentence. */
export function sentenceOf(operation: Operation): string {
  const { amount, currency, userId = "", fromUserId = "", toUserId = "", ...fields } = fieldsOf(operation);
  const sum = amount === undefined ? T.operation.rest : money(amount, currency);
  const service = fields.serviceName ?? fields.serviceId ?? "";
  return T.operation.sentences[operation.kind]({
    sum,
    userId,
    fromUserId,
    toUserId,
    service,
    order: fields.orderId ?? "",
  });
}
