import { createHmac, timingSafeEqual } from "node:crypto";
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
  /** The purpose goes in, too: what is signed for something else with the same key is no link. */
  function sign(file: string, expires: string): string {
    return createHmac("sha256", signingKey)
      .update(JSON.stringify(["revenue report", file, expires]))
      .digest("base64url");
  }

  return {
    /** The absolute address of the month's file. */
    create(month: string, nowMs: number = Date.now()): string {
      const file = `${month}.csv`;
      const expires = `${Math.floor(nowMs / 1_000) + ttlSeconds}`;
      return `${publicUrl}/v1/reports/revenue/${file}?expires=${expires}&signature=${sign(file, expires)}`;
    },

    /** The month whose file the link is to. @throws Problem `link_invalid`, `link_expired` */
    open(file: string, { expires = "", signature = "" }: Signed, nowMs: number = Date.now()): string {
      const expected = Buffer.from(sign(file, expires));
      const given = Buffer.from(signature);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new Problem("link_invalid", { detail: "Use `url` as it came, or ask for the report again." });
      }
      if (Number(expires) * 1_000 <= nowMs) {
        throw new Problem("link_expired", { detail: "Ask for the report again: its `url` is a fresh link." });
      }
      return file.replace(/\.csv$/, "");
    },
  };
}
