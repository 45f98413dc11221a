/** Does nothing: what a workflow costs before it has done anything. */
export async function empty(): Promise<void> {}
