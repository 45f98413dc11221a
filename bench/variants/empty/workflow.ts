/** Does nothing, to measure the fixed cost of a workflow. */
export async function empty(): Promise<void> {}
