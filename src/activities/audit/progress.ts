import { activityInfo, cancellationSignal, heartbeat } from "@temporalio/activity";

/** Where a long activity has come to. Whoever takes it up after a crash goes on from there. */
export type Progress = {
  /** What was noted last, if anything was. */
  read(): unknown;
  /** @throws where the activity is not to go on. */
  note(state: unknown): void;
};

/** The progress of the activity that asks, which Temporal keeps. */
export const temporalProgress: Progress = {
  read: () => activityInfo().heartbeatDetails,
  note(state) {
    cancellationSignal().throwIfAborted();
    heartbeat(state);
  },
};
