/** How a part's process is started. */
export interface Launch {
  command: string[];
  /** The whole environment: nothing of the caller's shell leaks into a part. */
  environment: Record<string, string>;
  directory: string;
  /** Changes when the program's files do, so that `up` replaces a process that runs old code. */
  revision?: string;
}

/** One server of the stack. The rest (start, stop, kill, freeze) is the same for all of them: lifecycle.ts. */
export interface Part {
  /** Names its files. */
  name: string;
  title: string;
  address: string;
  ports: number[];
  /** What its executable may be called: with the data folder this recognizes processes whose parent is gone. */
  programs: string[];
  stopSignal: "SIGTERM" | "SIGINT";
  /** Brings what the process needs before it can start: tools, data folder, configuration. Safe to repeat. */
  prepare(): Promise<void>;
  launch(): Promise<Launch>;
  /** Asks the server a real question; throws a short reason when the answer is not good. */
  check(): Promise<void>;
  /** What has to be done in the server after it answers, before others may use it. Safe to repeat. */
  settle?(): Promise<void>;
  /** Removes what hinders the next start after a kill. Called when no process of the part is left. */
  clear?(): void;
}

/** The environment of a part that needs none: texts are UTF-8, times are UTC. */
export const plainEnvironment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
  TZ: "UTC",
};
