/** Placeholder for a value that was not measured. */
export const NONE = "–";

export function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export function ratio(value: number | undefined): string {
  return value === undefined ? NONE : value.toFixed(2);
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

export function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}

export function count(number: number): string {
  return number.toLocaleString("en");
}

/** A rate with one decimal below a hundred. */
export function perSecond(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}
