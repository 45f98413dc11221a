/** The parts of kafkajs' errors that name a broker. */
type KafkaError = Error & { broker?: unknown };

/** Returns an error that names the broker and the failed step. The Temporal Web UI shows it. */
export function describeKafkaError(error: unknown, brokers: readonly string[]): Error {
  const causes: KafkaError[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) causes.push(cause);
  const named = causes.find(({ broker }) => typeof broker === "string");
  const { message } = named ?? causes.at(-1) ?? { message: String(error) };
  return new Error(`Kafka ${named?.broker ?? brokers.join(", ")}: ${message.replace(/^Connection error: /, "")}`, {
    cause: error,
  });
}
