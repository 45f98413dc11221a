import { print } from "../../terminal.ts";
import { type createTourClient, expectThat } from "./client.ts";

/** Requests the report of the current month and its CSV file, which contains the promotion. */
export async function tourReport(client: ReturnType<typeof createTourClient>, timeZone: string): Promise<void> {
  const format = new Intl.DateTimeFormat("sv", { timeZone, year: "numeric", month: "2-digit" });
  const path = `/v1/reports/revenue?month=${format.format(new Date())}`;
  const { body } = await client.show({ method: "GET", path }, 200);
  expectThat(body.status === "provisional", `the report of the current month is ${body.status}`);

  const response = await fetch(body.url as string, { signal: AbortSignal.timeout(30_000) });
  const csv = await response.text();
  print(`> GET ${(body.url as string).replace(/signature=.*/, "signature=…")}`);
  print(`< ${response.status}`);
  for (const line of csv.trimEnd().split("\n")) print(`<   ${line}`);
  expectThat(/^(Ad )?promotion;/m.test(csv), "the report's file has no line for the promotion");
}
