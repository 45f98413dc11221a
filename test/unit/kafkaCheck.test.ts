import { expect, test } from "bun:test";
import { createKafkaCheck } from "../../src/kafka/check.ts";

const settings = { brokers: ["one", "two", "three"] };

/** A check by fake connections, with its reports. The test sets the clock. */
function startCheck(connect: (broker: string) => Promise<void>) {
  const reports: unknown[] = [];
  const clock = { nowMs: 0 };
  const check = createKafkaCheck(
    settings,
    (error) => void reports.push(error ?? "connected"),
    ({ brokers: [broker] }) => connect(broker!),
    () => clock.nowMs,
  );
  return { check, reports, clock };
}

test("one broker that accepts a connection is enough, while others are down or never answer", async () => {
  const { check, reports } = startCheck((broker) => {
    if (broker === "one") return new Promise(() => {});
    return broker === "two" ? Promise.reject(new Error("down")) : Promise.resolve();
  });
  await check();
  expect(reports).toEqual(["connected"]);
});

test("a failure and the success after it are both reported, by one check in five seconds", async () => {
  let tried = 0;
  const { check, reports, clock } = startCheck(async () => {
    tried += 1;
    if (tried <= settings.brokers.length) throw new Error("down");
  });
  await expect(check()).rejects.toThrow();
  clock.nowMs = 4_999;
  await expect(check()).rejects.toThrow();
  expect(tried).toBe(3);
  clock.nowMs = 5_000;
  await check();
  expect([tried, reports]).toEqual([6, [expect.any(AggregateError), "connected"]]);
});
