import { T } from "./texts.ts";

/** An amount with its thousands apart, and a true minus sign. It is never converted to a number. */
export function money(amount: string, currency = ""): string {
  const [, minus, whole = "", decimals = ""] = /^(-?)(\d+)(.*)$/.exec(amount) ?? [];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, T.format.thousands);
  return `${minus ? "−" : ""}${grouped}${decimals.replace(".", T.format.decimal)}${currency && `\u00a0${currency}`}`;
}

/** The same with a plus sign, for changes. */
export function signed(amount: string): string {
  return /^-|^0\.00$/.test(amount) ? money(amount) : `+${money(amount)}`;
}

export function isZero(amount: string): boolean {
  return /^-?0(\.0*)?$/.test(amount);
}

const dateTime = new Intl.DateTimeFormat(T.locale, { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat(T.locale, { timeStyle: "medium" });
const day = new Intl.DateTimeFormat(T.locale, { dateStyle: "medium" });
const monthName = new Intl.DateTimeFormat(T.locale, { month: "long", year: "numeric", timeZone: "UTC" });

export const formatTime = (time: string | number): string => dateTime.format(new Date(time));
export const formatClock = (time: string | number): string => clock.format(new Date(time));
export const formatDay = (time: string | number): string => day.format(new Date(time));
export const formatMonth = (month: string): string => monthName.format(new Date(`${month}-01T00:00:00Z`));
export const formatCount = (count: number): string => count.toLocaleString(T.locale);

/** A rounded figure in a few characters: "12.5M". */
export const formatShort = (value: number): string =>
  value.toLocaleString(T.locale, { notation: "compact", maximumSignificantDigits: 3 });

/** A time span in its two largest units: "6 d 4 h". */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const parts = [
    [Math.floor(seconds / 86_400), T.format.days],
    [Math.floor(seconds / 3_600) % 24, T.format.hours],
    [Math.floor(seconds / 60) % 60, T.format.minutes],
    [seconds % 60, T.format.seconds],
  ] as const;
  const from = parts.findIndex(([count]) => count > 0);
  if (from === -1) return `0\u00a0${T.format.seconds}`;
  return parts
    .slice(from, from + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}\u00a0${unit}`)
    .join(" ");
}

/** A duration of requests, from milliseconds to minutes. */
export function formatLatency(seconds: number): string {
  if (seconds < 1) return `${(seconds * 1_000).toFixed(seconds < 0.01 ? 1 : 0)}\u00a0${T.format.milliseconds}`;
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)}\u00a0${T.format.seconds}`;
}

export function formatRate(perSecond: number): string {
  return perSecond.toLocaleString(T.locale, { maximumFractionDigits: perSecond < 10 ? 1 : 0 });
}
