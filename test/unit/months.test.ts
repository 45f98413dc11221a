import { describe, expect, test } from "bun:test";
import { createMonthOf, isTimeZone, MONTH_PATTERN } from "../../src/ledger/months.ts";

describe("the month of an instant", () => {
  test.each([
    // Moscow is three hours ahead of UTC all year.
    ["Europe/Moscow", "2026-09-30T20:59:59.999Z", "2026-09"],
    ["Europe/Moscow", "2026-09-30T21:00:00.000Z", "2026-10"],
    ["Europe/Moscow", "2026-10-31T20:59:59.999Z", "2026-10"],
    ["Europe/Moscow", "2026-12-31T21:00:00.000Z", "2027-01"],
    ["UTC", "2026-10-31T23:59:59.999Z", "2026-10"],
    ["UTC", "2026-11-01T00:00:00.000Z", "2026-11"],
    ["UTC", "2028-02-29T23:59:59.999Z", "2028-02"],
    // New York changes its clocks on November 1, at 06:00 UTC, and on March 8. The months begin before that.
    ["America/New_York", "2026-11-01T03:59:59.999Z", "2026-10"],
    ["America/New_York", "2026-11-01T04:00:00.000Z", "2026-11"],
    ["America/New_York", "2026-12-01T04:59:59.999Z", "2026-11"],
    ["America/New_York", "2026-12-01T05:00:00.000Z", "2026-12"],
    // On October 25 one hour occurs twice in Azores time. Lord Howe's clock moves by half an hour.
    ["Atlantic/Azores", "2026-11-01T00:59:59.999Z", "2026-10"],
    ["Atlantic/Azores", "2026-11-01T01:00:00.000Z", "2026-11"],
    ["Australia/Lord_Howe", "2026-10-31T12:59:59.999Z", "2026-10"],
    ["Australia/Lord_Howe", "2026-10-31T13:00:00.000Z", "2026-11"],
    // The largest offsets from UTC on both sides.
    ["Pacific/Kiritimati", "2026-10-31T10:00:00.000Z", "2026-11"],
    ["Etc/GMT+12", "2026-11-01T11:59:59.999Z", "2026-10"],
  ])("in %s, %s is of %s", (timeZone, at, month) => {
    expect(createMonthOf(timeZone)(new Date(at))).toBe(month);
  });
});

test("zones have names of the IANA database; offsets are refused", () => {
  for (const name of ["Europe/Moscow", "UTC", "America/New_York", "Etc/GMT+3"])
    expect([name, isTimeZone(name)]).toEqual([name, true]);
  for (const name of ["", "Moscow", "+03:00", "GMT+3", "Europe/Atlantis"])
    expect([name, isTimeZone(name)]).toEqual([name, false]);
});

test("a month is four digits, a hyphen, and two digits from 01 to 12", () => {
  const isMonth = (text: string) => new RegExp(MONTH_PATTERN).test(text);
  expect(["1000-01", "2026-01", "2026-12", "9999-12"].filter((text) => !isMonth(text))).toEqual([]);
  const none = [
    "2026-00",
    "2026-13",
    "2026-1",
    "26-01",
    "0000-01",
    "2026-10-01",
    "2026/10",
    " 2026-10",
    "2026-10\n",
    "October",
  ];
  expect(none.filter(isMonth)).toEqual([]);
});
