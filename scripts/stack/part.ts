/** The command and environment of a part's process. */
export interface Launch {
  command: string[];
  /** The whole environment: a part inherits nothing from the caller's shell. */
  environment: Record<string, string>;
  directory: string;
  /** Changes with the program's files, so that `up` replaces a process that runs old code. */
  revision?: string;
}

/** One server of the stack. lifecycle.ts starts, stops, kills and freezes any part. */
export interface Part {
  /** Name of its data folder, pid file and log file. */
  name: string;
  title: string;
  address: string;
  ports: number[];
  /** Possible names of its executable. With the data folder they identify processes whose parent has ended. */
  programs: string[];
  stopSignal: "SIGTERM" | "SIGINT";
  /** Prepares tools, data folder and configuration before the process starts. Idempotent. */
  prepare(): Promise<void>;
  launch(): Promise<Launch>;
  /** Sends the server a real request. @throws with a short reason if the response is wrong */
  check(): Promise<void>;
  /** Sets up the server once it responds, before clients use it. Idempotent. */
  settle?(): Promise<void>;
  /** Removes files that block the next start after a kill. Called when no process of the part is left. */
  clear?(): void;
}

/** The minimal environment of a part: texts are UTF-8, times are UTC. */
export const plainEnvironment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
  TZ: "UTC",
};
