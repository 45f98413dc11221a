import { expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import fc from "fast-check";
import { Instant, parseInstant } from "../../src/api/period.ts";

const schema = Instant("A time.", "2026-11-23T12:00:00Z");

test("every time that a Date can write, of the years 0 to 9999, is read as itself", () => {
  const times = fc.date({
    min: new Date("0000-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(times, (time) => {
      expect(Value.Check(schema, time.toISOString())).toBe(true);
      expect(parseInstant(time.toISOString())).toEqual(time);
    }),
  );
});

test("a time with any offset is the same time in UTC, a space being an unencoded plus", () => {
  const times = fc.date({
    min: new Date("0000-01-02T00:00:00Z"),
    max: new Date("9999-12-30T00:00:00Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(times, fc.constantFrom("+", "-", " "), fc.nat({ max: 24 * 60 - 1 }), (time, sign, minutes) => {
      const local = new Date(time.getTime() + (sign === "-" ? -1 : 1) * minutes * 60_000).toISOString();
      const [hour, minute] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"));
      const text = local.replace("Z", `${sign}${hour}:${minute}`);
      expect([text, Value.Check(schema, text)]).toEqual([text, true]);
      expect(parseInstant(text)).toEqual(time);
    }),
  );
});

test("days that do not exist are refused", () => {
  for (let year = 1896; year <= 2404; year += 1) {
    for (const day of ["02-28", "02-29", "02-30", "04-31", "12-31", "12-32", "11-31", "00-10", "13-01", "01-00"]) {
      const time = `${year}-${day}T00:00:00.000Z`;
      const date = new Date(time);
      const exists = !Number.isNaN(date.getTime()) && date.toISOString() === time;
      expect([time, Value.Check(schema, time)]).toEqual([time, exists]);
    }
  }
});

test.each([
  ...["", "x", "2026", "2026-11", "2026-11-23", "2026-11-23T12:00", "2026-11-23T12:00:00", "2026-11-23 12:00:00Z"],
  ...["2026-11-23T12:00:00+24:00", "2026-11-23T12:00:00+03:60", "2026-11-23T12:00:00+3:00", "2026-11-23T12:00:00+0300"],
  ...["2026-11-23T12:00:00+03", "2026-11-23T12:00:00Z+03:00", "2026-11-23T12:00:00  03:00", "2026-11-23T12:00:00z"],
  ...["2026-11-23t12:00:00Z", "2026-11-23T24:00:00Z"],
  ...["2026-11-23T12:60:00Z", "2026-11-23T12:00:60Z", "2026-11-23T12:00:00.Z", "2026-11-23T12:00:00.1234567890Z"],
  ...["+002026-11-23T12:00:00Z", "1763899200", "-1", "infinity", "now", " 2026-11-23T12:00:00Z"],
])("%p is not a time", (text) => {
  expect(Value.Check(schema, text)).toBe(false);
});

test("a time between two milliseconds is the later one, since entries have whole milliseconds", () => {
  const read = (fraction: string) => parseInstant(`2026-11-23T12:00:00${fraction}Z`).toISOString().slice(19, 23);
  const given = ["", ".0", ".5", ".123", ".123000", ".123001", ".123999999", ".000000001", ".9990"];
  expect(given.map(read)).toEqual([".000", ".000", ".500", ".123", ".123", ".124", ".124", ".001", ".999"]);
  expect(parseInstant("2026-12-31T23:59:59.9991Z").toISOString()).toBe("2027-01-01T00:00:00.000Z");
});
