import { activityInfo, cancellationSignal, heartbeat } from "@temporalio/activity";

/** The progress of a long activity. An attempt after a crash resumes from it. */
export type Progress = {
  /** The state saved last, or undefined. */
  read(): unknown;
  /** @throws where the activity is cancelled */
  save(state: unknown): void;
};

/** Stores the progress of the calling activity in Temporal, as the details of its heartbeat. */
export const temporalProgress: Progress = {
  read: () => activityInfo().heartbeatDetails,
  save(state) {
    cancellationSignal().throwIfAborted();
    heartbeat(state);
  },
};
