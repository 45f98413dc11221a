import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { type Answers, createAnswers } from "../../src/dispatch/answers.ts";
import type { StoredOperation } from "../../src/ledger/records.ts";
import { settle } from "../support/settle.ts";
import { storedDeposit } from "../support/storedDeposit.ts";

const never = new AbortController().signal;

let queries: string[][];
let cached: string[][];
let ledger: Map<string, StoredOperation>;
let findOperations: (operationIds: string[]) => Promise<StoredOperation[]>;
let tryCache: () => Promise<void>;
let answers: Answers;

beforeEach(() => {
  jest.useFakeTimers();
  queries = [];
  cached = [];
  ledger = new Map();
  findOperations = async (operationIds) =>
    operationIds.map((operationId) => ledger.get(operationId)).filter((one) => one !== undefined);
  tryCache = async () => {};
  answers = createAnswers({
    findOperations(operationIds) {
      queries.push(operationIds);
      return findOperations(operationIds);
    },
    tryCache(operationIds) {
      cached.push(operationIds);
      return tryCache();
    },
    pollEveryMs: 20,
  });
});

afterEach(() => {
  jest.useRealTimers();
});

async function pass(milliseconds: number): Promise<void> {
  jest.advanceTimersByTime(milliseconds);
  await settle();
}

function store(operationId: string): StoredOperation {
  const operation = storedDeposit(operationId, "carrier");
  ledger.set(operationId, operation);
  return operation;
}

/** What a wait has come to by now. */
function watch<Result>(wait: Promise<Result>): { is: "waiting" | "over"; result?: Result } {
  const watched: { is: "waiting" | "over"; result?: Result } = { is: "waiting" };
  void wait.then((result) => Object.assign(watched, { is: "over", result }));
  return watched;
}

describe("waiting for the ledger's word", () => {
  test("one query asks for all who wait, however many", async () => {
    for (const operationId of ["a", "b", "c"]) void answers.awaitAnswer(operationId, never);
    void answers.awaitStored("a", never);
    await pass(20);
    expect(queries).toEqual([["a", "b", "c"]]);
  });

  test("everyone who waits is answered with what is stored, the others wait on", async () => {
    const stored = store("a");
    const waits = [answers.awaitAnswer("a", never), answers.awaitAnswer("a", never), answers.awaitAnswer("b", never)];
    const [one, other, unknown] = waits.map(watch);
    await pass(20);
    expect([one, other, unknown]).toEqual([
      { is: "over", result: stored },
      { is: "over", result: stored },
      { is: "waiting" },
    ]);
  });

  test("it is asked again until it is there, less and less often, 200 ms apart at most", async () => {
    void answers.awaitAnswer("a", never);
    for (const [index, pauseMs] of [20, 40, 80, 160, 200, 200].entries()) {
      await pass(pauseMs - 1);
      expect(queries).toHaveLength(index);
      await pass(1);
      expect(queries).toHaveLength(index + 1);
    }
  });

  test("a ledger that is away is asked again", async () => {
    const find = findOperations;
    findOperations = () => Promise.reject(new Error("away"));
    const stored = store("a");
    const wait = watch(answers.awaitAnswer("a", never));
    await pass(20);
    expect(wait.is).toBe("waiting");
    findOperations = find;
    await pass(200);
    expect(wait).toEqual({ is: "over", result: stored });
  });

  test("nobody is asked while nobody waits", async () => {
    store("a");
    void answers.awaitAnswer("a", never);
    await pass(20);
    answers.onAnswerable(["a", "b"]);
    await pass(1_000);
    expect(queries).toHaveLength(1);
  });
});

describe("an answer and the cache", () => {
  test("an answer waits until the cache has had its chance; who only needs to know that it is stored does not", async () => {
    const chance = Promise.withResolvers<void>();
    tryCache = () => chance.promise;
    const stored = store("a");
    const [answer, word] = [watch(answers.awaitAnswer("a", never)), watch(answers.awaitStored("a", never))];
    await pass(20);
    expect(word).toEqual({ is: "over", result: stored });
    expect(answer.is).toBe("waiting");
    expect(cached).toEqual([["a"]]);
    chance.resolve();
    await pass(0);
    expect(answer).toEqual({ is: "over", result: stored });
  });

  test("the cache is tried for nothing but what somebody's answer waits for", async () => {
    store("a");
    store("b");
    void answers.awaitStored("a", never);
    void answers.awaitAnswer("b", never);
    await pass(20);
    expect(cached).toEqual([["b"]]);
  });

  test("a worker's hint is answered at once, and the cache is not tried again", async () => {
    const stored = store("a");
    const wait = watch(answers.awaitAnswer("a", never));
    answers.onAnswerable(["a", "of nobody here"]);
    await pass(0);
    expect(wait).toEqual({ is: "over", result: stored });
    expect(queries).toEqual([["a"]]);
    expect(cached).toEqual([]);
  });

  test("a hint that brings what is stored along asks nobody, and answers those only who it is about", async () => {
    const [about, other] = [store("a"), store("b")];
    const waits = [watch(answers.awaitAnswer("a", never)), watch(answers.awaitAnswer("b", never))];
    answers.onAnswerable(["a"], [about, other]);
    await pass(0);
    expect(waits).toEqual([{ is: "over", result: about }, { is: "waiting" }]);
    expect(queries).toEqual([]);
  });

  test("a hint that the ledger cannot be asked after is no loss: the next look finds it", async () => {
    const find = findOperations;
    findOperations = () => Promise.reject(new Error("away"));
    const stored = store("a");
    const wait = watch(answers.awaitAnswer("a", never));
    answers.onAnswerable(["a"]);
    await pass(0);
    findOperations = find;
    await pass(20);
    expect(wait).toEqual({ is: "over", result: stored });
  });
});

describe("giving up", () => {
  test("who gives up gets undefined, who waits for the same goes on", async () => {
    const patience = new AbortController();
    const [impatient, patient] = [
      watch(answers.awaitAnswer("a", patience.signal)),
      watch(answers.awaitAnswer("a", never)),
    ];
    patience.abort();
    const stored = store("a");
    await pass(20);
    expect(impatient).toEqual({ is: "over", result: undefined as never });
    expect(patient).toEqual({ is: "over", result: stored });
  });

  test("what nobody waits for any more is not asked for", async () => {
    const patience = new AbortController();
    void answers.awaitAnswer("a", patience.signal);
    void answers.awaitAnswer("b", never);
    patience.abort();
    await pass(20);
    expect(queries).toEqual([["b"]]);
  });

  test("who has given up before asking gets undefined at once", async () => {
    const wait = watch(answers.awaitAnswer("a", AbortSignal.abort()));
    await pass(0);
    expect(wait.is).toBe("over");
  });
});
