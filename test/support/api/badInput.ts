/** Values that no string field accepts. */

const NO_STRING = [0, 1, 1.5, true, null, [], ["a"], {}];

export const BAD_IDS = [
  ...NO_STRING,
  ...[
    "",
    " alice",
    "alice ",
    "al ice",
    ".alice",
    "-alice",
    "_alice",
    ":alice",
    "a/b",
    "a@b",
    "a+b",
    "a%20",
    "alice\n",
    "\u0000",
  ],
  ...["álice", "алиса", "a\u0301", "ａlice", "a".repeat(65)],
];

export const BAD_AMOUNTS = [
  ...NO_STRING,
  ...[
    "",
    " ",
    "0",
    "0.0",
    "0.00",
    "-1",
    "-0.01",
    "+1",
    "1.234",
    "0.001",
    "01",
    "00",
    "00.50",
    "1.",
    ".5",
    ".",
    "1..5",
    "1.5.5",
  ],
  ...["1e3", "1E3", "1e-1", "0x10", "1_000", "1,00", "1 000", " 1", "1 ", "1\n", "NaN", "Infinity", "one", "١", "１"],
  ...["10000000000000", "10000000000000.00", "99999999999999999999"],
];

export const BAD_TEXTS = [
  ...NO_STRING,
  ...["\u0000", "tab\there", "line\nfeed", "\u001b[31m", "\u007f", "\u0085", "\u009f"],
  ...["\ud800", "\udc00", "a\ud83db", "\ude00\ud83d", "x".repeat(256), "😀".repeat(256)],
];

/** A name is a non-empty, shorter text without a byte order mark. */
export const BAD_NAMES = [...BAD_TEXTS, "", "\ufeff=1+1", "a\ufeff", "x".repeat(201), "😀".repeat(201)];

const uuid = crypto.randomUUID();
export const BAD_UUIDS = [
  ...NO_STRING,
  ...["", "1", "x", uuid.replace(/./, "G"), uuid.replaceAll("-", ""), `${uuid}0`, ` ${uuid}`, `{${uuid}}`, `${uuid}\n`],
];

export const BAD_TTLS = [0, -1, 1.5, 2_592_001, 1e9, "60", "", "x", true, null, [], [60], {}];

export const BAD_BOOLEANS = ["yes", "true", "", 0, 1, null, [], [true], {}];
