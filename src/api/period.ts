import { t } from "elysia";
import { invalidRequest } from "./http/fieldErrors.ts";

const SHORT_MONTHS = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)";
const LONG_MONTHS = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])";
const FEBRUARY = "02-(?:0[1-9]|1[0-9]|2[0-8])";
const LEAP_YEARS = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
const DAY = `(?:[0-9]{4}-(?:${SHORT_MONTHS}|${LONG_MONTHS}|${FEBRUARY})|${LEAP_YEARS}-02-29)`;

const HOUR = "(?:[01][0-9]|2[0-3])";

/**
 * RFC 3339, of an existing day, with a precision up to nanoseconds.
 *
 * `sign` is that of an offset. In a query an unencoded plus is read as a space.
 */
const patternWith = (sign: string) =>
  `^${DAY}T${HOUR}(?::[0-5][0-9]){2}(?:\\.[0-9]{1,9})?(?:Z|${sign}${HOUR}:[0-5][0-9])$`;

/** The schema of a time in a query. */
export function Instant(description: string, example: string) {
  return t.String({
    title: "Instant",
    pattern: patternWith("[+ -]"),
    documented: {
      type: "string",
      pattern: patternWith("[+-]"),
      description: "RFC 3339, with any offset.",
      example: "2026-11-01T00:00:00Z",
    },
    description,
    examples: [example],
    error: "must be a time like 2026-11-23T12:00:00Z or 2026-11-23T15:00:00+03:00",
  });
}

/** The period of a query, both ends optional. @throws Problem `invalid_request` where it ends before its start */
export function parsePeriod({ from, to }: { from?: string; to?: string }): {
  from: Date | undefined;
  to: Date | undefined;
} {
  const period = {
    from: from === undefined ? undefined : parseInstant(from),
    to: to === undefined ? undefined : parseInstant(to),
  };
  if (period.from && period.to && period.from > period.to) {
    throw invalidRequest([{ field: "to", message: "must not be before from" }]);
  }
  return period;
}

/**
 * The first millisecond at or after the time.
 *
 * Entries have times of whole milliseconds, so it selects the same entries as the start or the end of a period.
 */
export function parseInstant(time: string): Date {
  const [, seconds, fraction = "", offset] = /^(.{19})(?:\.([0-9]+))?(.+)$/.exec(time)!;
  const nanoseconds = Number(fraction.padEnd(9, "0"));
  return new Date(Date.parse(`${seconds}${offset!.replace(" ", "+")}`) + Math.ceil(nanoseconds / 1_000_000));
}
