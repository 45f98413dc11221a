/** A frozen file of a month, never changed. `sha256` is its hash in hexadecimal. */
export type Frozen<Report> = Report & { sha256: string };

/** A report of a month in one of its four states. */
export type MonthReport<Report> =
  | ({ status: "final" } & Frozen<Report>)
  | ({ status: "provisional" } & Report)
  /** The month is over, its report not frozen yet. */
  | { status: "unclosed" }
  | { status: "future" };

/** The total of a month's revenue at the time `generatedAt`. */
export type Total = { totalMinor: bigint; generatedAt: Date };
