import type { PartName, Stack } from "../../../scripts/stack/stack.ts";
import type { Fleet } from "./fleet.ts";

/** The target of a fault. `which` selects one of two processes, or a partition of the topic. */
export type Stage = { stack: Stack; fleet: Fleet; which: number };

/** Adds a fact for the report. */
export type Note = (text: string) => void;

export type Fault = {
  begin(stage: Stage, note: Note): Promise<void>;
  /** Reverts the fault. Resolves once everything is up and answers. */
  end(stage: Stage, note: Note): Promise<void>;
  /** Whether the fault needs two processes of each role. */
  needsMany?: boolean;
  /** Whether the fault is over as soon as it was caused. */
  isMoment?: boolean;
  /** Whether clients send only transfers, without a pause, for a minute. They must keep half of their rate. */
  isMeasured?: boolean;
  /** Whether operations must complete during the fault. */
  mustAnswer?: boolean;
};

export const apiOf = ({ fleet, which }: Stage): PartName => fleet.apis()[which]!;
export const workerOf = ({ fleet, which }: Stage): PartName => fleet.workers()[which]!;

/** Kills processes with SIGKILL, then starts them again. */
export function killed(choose: (stage: Stage) => readonly PartName[], needsMany = false): Fault {
  return {
    needsMany,
    begin: async (stage) => void (await Promise.all(choose(stage).map((part) => stage.stack.kill(part)))),
    end: async (stage) => void (await Promise.all(choose(stage).map((part) => stage.stack.start(part)))),
  };
}

export function frozen(choose: (stage: Stage) => PartName, needsMany = false): Fault {
  return {
    needsMany,
    begin: (stage) => stage.stack.freeze(choose(stage)),
    end: (stage) => restorePart(stage.stack, choose(stage)),
  };
}

export function outageOf(part: PartName, how: "stop" | "kill" | "freeze", isMeasured = false): Fault {
  return {
    isMeasured,
    begin: ({ stack }) => stack[how](part),
    end: ({ stack }) => restorePart(stack, part),
  };
}

export async function restorePart(stack: Stack, part: PartName): Promise<void> {
  stack.thaw(part);
  await stack.start(part);
}
