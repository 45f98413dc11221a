import { beforeAll, expect, test } from "bun:test";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { mintToken } from "../../scripts/keys.ts";
import { stack } from "../support/api/client.ts";
import { userWith } from "../support/api/funds.ts";
import { markdownFiles, readFences } from "../support/api/pages.ts";
import { completed, reserve, settle } from "../support/api/reservations.ts";
import { buildClient, createService, findTypeErrors, run } from "../support/client/build.ts";
import { awaitEventsOf, type SaldoEvent } from "../support/kafka/events.ts";
import { createTopic } from "../support/kafka/topic.ts";
import { uniqueUserId } from "../support/ledger/operations.ts";

beforeAll(buildClient, 60_000);

/** The program of a page, and the output below it. */
function readProgram(path: string): { program: string; output: string } {
  const fences = readFences(markdownFiles.get(path)!);
  const [index, ...others] = [...fences.keys()].filter((at) => fences[at]!.language === "ts");
  expect(others).toEqual([]);
  return { program: fences[index!]!.text, output: fences[index! + 1]?.text ?? "" };
}

/** The same text on the test stack, with an unused user and unused keys. */
function withFreshNames(text: string, suffix: string): string {
  return text
    .replaceAll(":3000", `:${stack.ports.api}`)
    .replaceAll('"nina"', `"nina-${suffix}"`)
    .replaceAll("order-2001", `order-${suffix}`);
}

test.each([
  ["docs/guides/purchase.md", undefined],
  ["client/README.md", "300.00\n"],
])(
  "the program of %s type-checks and prints the output of the page, also the second time",
  async (path, shown) => {
    const suffix = crypto.randomUUID().slice(0, 8);
    const { program, output } = readProgram(path);
    using service = await createService("program.ts", withFreshNames(program, suffix));
    expect(await findTypeErrors(service)).toBe("");
    const token = await mintToken();
    for (let time = 0; time < 2; time += 1) {
      expect(await run([process.execPath, "program.ts"], service.folder, { TOKEN: token })).toBe(
        shown ?? withFreshNames(output, suffix),
      );
    }
  },
  60_000,
);

test("the consumer of the guide applies each event once, in order, from duplicates in reverse order", async () => {
  const [anna, boris] = [await userWith("100.00"), uniqueUserId()];
  await completed("/v1/transfers", { fromUserId: anna, toUserId: boris, amount: "10.00" });
  const { reservationId } = await reserve(anna, "40.00");
  await settle(reservationId, "recognitions", { amount: "30.00" });
  await completed("/v1/withdrawals", { userId: boris, amount: "4.00" });
  const events = [...(await awaitEventsOf(anna, 4)), ...(await awaitEventsOf(boris, 2))].map(({ event }) => event);
  expect(events).toHaveLength(6);
  const linesOf = (userId: string) =>
    events
      .filter(({ data }) => data.userId === userId)
      .map(({ data }) => `${userId} ${data.version}: ${data.description} Balance: ${data.availableAfter}`);

  await using topic = await createTopic();
  // The newest of each user come last: after them, nothing is left to arrive.
  const isNewest = ({ data }: SaldoEvent) => data.version === (data.userId === anna ? 4 : 2);
  const backwards = events.filter((event) => !isNewest(event)).toReversed();
  await topic.send([...backwards, ...backwards, ...events.filter(isNewest)]);

  const { program } = readProgram("docs/guides/consume-events.md");
  const connected = program.replace(":9092", `:${stack.ports.kafka}`).replace("saldo.operations", topic.name);
  using service = await createService("program.ts", connected);
  expect(await findTypeErrors(service)).toBe("");
  const consumer = Bun.spawn([process.execPath, "program.ts"], { cwd: service.folder, stdout: "pipe" });
  const lines: string[] = [];
  for await (const line of createInterface(Readable.fromWeb(consumer.stdout as never))) {
    // The library logs lines of JSON.
    if (!line.startsWith("{")) lines.push(line);
    if (lines.length === events.length) break;
  }
  consumer.kill();
  for (const userId of [anna, boris]) {
    expect(lines.filter((line) => line.startsWith(`${userId} `))).toEqual(linesOf(userId));
  }
}, 60_000);
