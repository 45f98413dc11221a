import { classifySqlError } from "../sqlErrors.ts";

/**
 * Runs `work` on the list, and halves the list while the database refuses its data.
 * A single refused item goes to `onCulprit`, so that it does not stop the others. Each run of `work` is one
 * transaction.
 * @returns the results of the pieces, in the order of the list
 * @throws any other error of `work`, and the errors of `onCulprit`
 */
export async function bisect<Item, Result>(
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<Result>,
  onCulprit: (culprit: Item, reason: unknown) => Promise<Result>,
): Promise<Result[]> {
  try {
    return [await work(items)];
  } catch (error) {
    if (classifySqlError(error) !== "refused") throw error;
    if (items.length === 1) return [await onCulprit(items[0]!, error)];
  }
  const half = Math.ceil(items.length / 2);
  return [
    ...(await bisect(items.slice(0, half), work, onCulprit)),
    ...(await bisect(items.slice(half), work, onCulprit)),
  ];
}
