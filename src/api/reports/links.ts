import { isSame, sign } from "../../lib/signing.ts";
import { Problem } from "../http/problems.ts";

export type ReportLinks = ReturnType<typeof createReportLinks>;

/** What a link says about itself, as it came in. */
export type Signed = { expires?: string; signature?: string };

export type ReportLinksOptions = {
  /** The same on all replicas, so that a link of one is good at any. */
  signingKey: string;
  /** Where callers reach the API, without a slash at its end. */
  publicUrl: string;
  ttlSeconds: number;
};

/** Links to the file of a month's report. Whoever has one needs no token until it expires. */
export function createReportLinks({ signingKey, publicUrl, ttlSeconds }: ReportLinksOptions) {
  const signFile = (file: string, expires: string) => sign(signingKey, "revenue report", file, expires);

  return {
    /** The absolute address of the month's file. */
    create(month: string, nowMs: number = Date.now()): string {
      const file = `${month}.csv`;
      const expires = `${Math.floor(nowMs / 1_000) + ttlSeconds}`;
      return `${publicUrl}/v1/reports/revenue/${file}?expires=${expires}&signature=${signFile(file, expires)}`;
    },

    /** The month whose file the link is to. @throws Problem `link_invalid`, `link_expired` */
    open(file: string, { expires = "", signature = "" }: Signed, nowMs: number = Date.now()): string {
      if (!isSame(signature, signFile(file, expires))) {
        throw new Problem("link_invalid", { detail: "Use `url` as it came, or ask for the report again." });
      }
      if (Number(expires) * 1_000 <= nowMs) {
        throw new Problem("link_expired", { detail: "Ask for the report again: its `url` is a fresh link." });
      }
      return file.replace(/\.csv$/, "");
    },
  };
}
