import { useCallback, useEffect, useState } from "preact/hooks";
import { type Failure, toFailure } from "./failure.ts";

export type Loaded<Data> = {
  /** Kept while it is read again, and where that fails. */
  data: Data | undefined;
  failure: Failure | undefined;
  isLoading: boolean;
  reload(): void;
};

type State<Data> = { key: string; data: Data | undefined; failure: Failure | undefined; isLoading: boolean };

/**
 * Reads data, and again where `key` or `version` changes. Earlier results are ignored.
 *
 * Another `key` is another thing, whose data is not known yet. With another `version` the data is kept until the new
 * data is there.
 */
export function useLoad<Data>(key: string, load: () => Promise<Data>, version = ""): Loaded<Data> {
  const empty = { key, data: undefined, failure: undefined, isLoading: true };
  const [state, setState] = useState<State<Data>>(empty);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    setState((before) => (before.key === key ? { ...before, isLoading: true } : empty));
    load().then(
      (data) => isCurrent && setState({ key, data, failure: undefined, isLoading: false }),
      (error: unknown) =>
        isCurrent && setState((before) => ({ ...before, failure: toFailure(error), isLoading: false })),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, version, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const shown = state.key === key ? state : empty;
  return { data: shown.data, failure: shown.failure, isLoading: shown.isLoading, reload };
}

export type Pages<Item> = ReturnType<typeof usePages<Item>>;

/** Pages of a list, one after the other. */
export function usePages<Item>(
  key: string,
  readPage: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor: string | null }>,
  version = "",
) {
  const first = useLoad(key, () => readPage(undefined), version);
  const empty = { of: first.data, items: [] as Item[], nextCursor: first.data?.nextCursor ?? null };
  const [state, setState] = useState(empty);
  const [isLoadingMore, setLoadingMore] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const rest = state.of === first.data ? state : empty;

  async function loadMore(): Promise<void> {
    setLoadingMore(true);
    setFailure(undefined);
    try {
      const page = await readPage(rest.nextCursor ?? undefined);
      setState({ of: first.data, items: [...rest.items, ...page.items], nextCursor: page.nextCursor });
    } catch (error) {
      setFailure(toFailure(error));
    }
    setLoadingMore(false);
  }

  return {
    ...first,
    items: first.data && [...first.data.items, ...rest.items],
    isFirstPage: rest.items.length === 0,
    hasMore: rest.nextCursor !== null,
    loadMore,
    isLoadingMore,
    moreFailure: failure,
  };
}
