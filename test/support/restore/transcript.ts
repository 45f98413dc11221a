import { readPage } from "../api/pages.ts";
import { PAGE } from "./page.ts";

const BLOCK = /(?<=^```text\n)[\s\S]*?(?=^```$)/m;

/** The transcript on the page. */
export function readTranscript(): string[] {
  return (BLOCK.exec(readPage(PAGE))?.[0] ?? "").trimEnd().split("\n");
}

/** The page with another transcript. */
export function withTranscript(transcript: readonly string[]): string {
  return readPage(PAGE).replace(BLOCK, () => `${transcript.join("\n")}\n`);
}

/** The lines without times, which differ between runs. */
export function withoutTimes(transcript: readonly string[]): string[] {
  return transcript.map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*\+\d\d/, "TIME"));
}
