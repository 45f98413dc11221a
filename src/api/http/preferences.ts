/** Longer waits would need a longer idle timeout of connections, here and in proxies. */
const WAIT_SECONDS_MAX = 30;

/** Time until a caller of a 202 response asks again. Most operations finish within a second of it. */
export const ASK_AGAIN = { "retry-after": "1" };

export type Preferences = {
  /** How long to wait for the outcome; 0 for an answer at once. */
  waitSeconds: number;
  /** Those of the header that were understood, as in `Preference-Applied`. */
  wait?: string;
  respondAsync?: string;
};

/**
 * Reads a `Prefer` header (RFC 7240). Without a usable preference the caller waits `defaultSeconds`.
 *
 * `respond-async` asks for an answer at once. Together with `wait=N` the answer waits N seconds first, as in the
 * example of the RFC. Only the first `wait` counts. It is ignored if it is no whole number of seconds.
 */
export function parsePrefer(prefer: string | undefined, defaultSeconds: number): Preferences {
  const values = new Map<string, string>();
  for (const preference of (prefer ?? "").split(",")) {
    const [name = "", value = ""] = preference.replace(/;.*/, "").split("=", 2);
    const key = name.trim().toLowerCase();
    if (!values.has(key)) values.set(key, value);
  }
  const respondAsync = values.has("respond-async") && { respondAsync: "respond-async" };
  const digits = /^\s*"?(\d+)"?\s*$/.exec(values.get("wait") ?? "")?.[1];
  if (digits === undefined) return { waitSeconds: respondAsync ? 0 : defaultSeconds, ...respondAsync };
  const waitSeconds = Math.min(Number(digits), WAIT_SECONDS_MAX);
  return { waitSeconds, wait: `wait=${waitSeconds}`, ...respondAsync };
}

/** The `Preference-Applied` header of a response. `isAccepted` for a 202, which alone applies `respond-async`. */
export function preferenceApplied({ wait, respondAsync }: Preferences, isAccepted: boolean): Record<string, string> {
  const applied = [isAccepted && respondAsync, wait].filter(Boolean).join(", ");
  return applied === "" ? {} : { "preference-applied": applied };
}
