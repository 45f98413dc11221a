import { isSame, sign } from "../../lib/signing.ts";
import { Problem } from "../http/problems.ts";

export type ReportLinks = ReturnType<typeof createReportLinks>;

/** The parameters of a link, before they are verified. */
export type Signed = { expires?: string; signature?: string };

export type ReportLinksOptions = {
  /** The same on all replicas, so that each accepts the links of the others. */
  signingKey: string;
  /** The public address of the API, without a trailing slash. */
  publicUrl: string;
  ttlSeconds: number;
};

/** Signed links to the file of a month's report. They need no token until they expire. */
export function createReportLinks({ signingKey, publicUrl, ttlSeconds }: ReportLinksOptions) {
  const signFile = (file: string, expires: string) => sign(signingKey, "revenue report", file, expires);

  return {
    /** The absolute address of the month's file. */
    create(month: string, nowMs: number = Date.now()): string {
      const file = `${month}.csv`;
      const expires = `${Math.floor(nowMs / 1_000) + ttlSeconds}`;
      return `${publicUrl}/v1/reports/revenue/${file}?expires=${expires}&signature=${signFile(file, expires)}`;
    },

    /** Verifies a link and returns its month. @throws Problem `link_invalid`, `link_expired` */
    open(file: string, { expires = "", signature = "" }: Signed, nowMs: number = Date.now()): string {
      if (!isSame(signature, signFile(file, expires))) {
        throw new Problem("link_invalid", { detail: "Use `url` unchanged, or request the report again." });
      }
      if (Number(expires) * 1_000 <= nowMs) {
        throw new Problem("link_expired", { detail: "Request the report again: its `url` is a new link." });
      }
      return file.replace(/\.csv$/, "");
    },
  };
}
