import { isSame, sign } from "../../lib/signing.ts";
import { Problem } from "../http/problems.ts";

export type ReportLinks = ReturnType<typeof createReportLinks>;

/** The parameters of a link, before they are verified. */
export type Signed = { expires?: string; signature?: string };

/** The files of a month, each with its path below `/v1/reports`. */
const PATHS = {
  revenue: (month: string) => `revenue/${month}.csv`,
  orders: (month: string) => `revenue/${month}-orders.csv`,
  balances: (month: string) => `balances/${month}.csv`,
};

export type ReportFile = { report: keyof typeof PATHS; month: string };

export type ReportLinksOptions = {
  /** The same on all replicas, so that each accepts the links of the others. */
  signingKey: string;
  /** The public address of the API, without a trailing slash. */
  publicUrl: string;
  ttlSeconds: number;
};

/** Signed links to the files of a month's reports. They need no token until they expire. */
export function createReportLinks({ signingKey, publicUrl, ttlSeconds }: ReportLinksOptions) {
  const signPath = (path: string, expires: string) => sign(signingKey, "report file", path, expires);

  return {
    /** The absolute address of the file. */
    create({ report, month }: ReportFile, nowMs: number = Date.now()): string {
      const path = PATHS[report](month);
      const expires = `${Math.floor(nowMs / 1_000) + ttlSeconds}`;
      return `${publicUrl}/v1/reports/${path}?expires=${expires}&signature=${signPath(path, expires)}`;
    },

    /** Verifies a link and returns its file. @throws Problem `link_invalid`, `link_expired` */
    open(path: string, { expires = "", signature = "" }: Signed, nowMs: number = Date.now()): ReportFile {
      if (!isSame(signature, signPath(path, expires))) {
        throw new Problem("link_invalid", { detail: "Use `url` unchanged, or request the report again." });
      }
      if (Number(expires) * 1_000 <= nowMs) {
        throw new Problem("link_expired", { detail: "Request the report again: its `url` is a new link." });
      }
      // Only paths that `create` has made have a signature.
      const { month, report } = /(?<report>\w+)\/(?<month>\d{4}-\d\d)/.exec(path)!.groups as ReportFile;
      return { report: path.endsWith("-orders.csv") ? "orders" : report, month };
    },
  };
}
