/** The first line of an error's message, for a terminal. Some errors have a name alone. */
export function toLine(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.split("\n")[0]!;
}
