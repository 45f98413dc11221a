import { afterAll, expect, test } from "bun:test";
import { scrape } from "../support/metrics/scrape.ts";
import { type Outage, restoreStack, withOutage } from "../support/stack/outages.ts";

afterAll(restoreStack);

test.each<Outage>(["stopped", "frozen"])("While PostgreSQL is %s, a scrape succeeds", async (outage) => {
  await withOutage("postgres", outage, async () => {
    const { response, samples } = await scrape();
    expect(response.status).toBe(200);
    expect(samples.get("saldo_ledger_up")).toBe(0);
    // Old figures of the ledger are left out, not repeated.
    expect(samples.has("saldo_unpublished_oldest_age_seconds")).toBe(false);
    expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(0);
  });
});
