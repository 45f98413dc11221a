/** A calendar month, like "2026-10". Months sort as text in the order of time. */
export const MONTH_PATTERN = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])$";

/** The month that an instant lies in. */
export type MonthOf = (at: Date) => string;

/** A month cannot be closed: it is not a month, or it is not over. */
export class MonthRefused extends Error {
  override name = "MonthRefused";
}

/**
 * Whether the runtime's time zone database has this name. An offset like "+03:00" is not a zone: it has no DST rules.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * The calendar of a time zone. Independent of PostgreSQL: a zone that is missing there would make each posting fail.
 */
export function createMonthOf(timeZone: string): MonthOf {
  const format = new Intl.DateTimeFormat("en", { timeZone, calendar: "gregory", year: "numeric", month: "2-digit" });
  return (at) => {
    const parts = format.formatToParts(at);
    const read = (type: "year" | "month") => parts.find((part) => part.type === type)!.value;
    return `${read("year").padStart(4, "0")}-${read("month")}`;
  };
}
