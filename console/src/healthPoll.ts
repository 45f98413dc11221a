import { useEffect, useState } from "preact/hooks";
import { readOpen } from "./api.ts";
import { useSigned } from "./context.ts";
import { type Failure, toFailure } from "./failure.ts";
import { History } from "./metrics.ts";
import { scrapeMetrics } from "./scrape.ts";
import type { Parts, Watched } from "./warnings.ts";

const REFRESH_MS = 5_000;
/** The second scrape, which gives the first rates, comes sooner. */
const FIRST_REFRESH_MS = 2_000;

export type Health = Watched & {
  /** The time of the last refresh that succeeded. */
  refreshedAt: number | undefined;
  failure: Failure | undefined;
};

const history = new History();

/** Reads the metrics and /readyz every five seconds while the view is open and visible. */
export function useHealth(): Health {
  const { api } = useSigned();
  const [health, setHealth] = useState<Health>({
    history,
    parts: undefined,
    isStopping: false,
    refreshedAt: undefined,
    failure: undefined,
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let isOpen = true;
    const refresh = async () => {
      if (!document.hidden) await readBoth();
      const isFirst = history.steps().length === 0;
      if (isOpen) timer = setTimeout(() => void refresh(), isFirst ? FIRST_REFRESH_MS : REFRESH_MS);
    };
    const readBoth = async () => {
      try {
        const [scrape, ready] = await Promise.all([scrapeMetrics(api), readReadiness()]);
        history.add({ ...scrape, atMs: Date.now() });
        if (isOpen) setHealth({ history, ...ready, refreshedAt: Date.now(), failure: undefined });
      } catch (error) {
        if (isOpen) setHealth((before) => ({ ...before, failure: toFailure(error) }));
      }
    };
    void refresh();
    return () => {
      isOpen = false;
      clearTimeout(timer);
    };
  }, [api]);
  return health;
}

async function readReadiness(): Promise<{ parts: Parts | undefined; isStopping: boolean }> {
  const response = await readOpen("readyz", [503]);
  const body = (await response.json()) as { status: string; parts?: Parts };
  return { parts: body.parts, isStopping: body.status === "stopping" };
}
