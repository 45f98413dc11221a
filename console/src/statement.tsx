import { useSigned } from "./context.ts";
import { saveFile } from "./download.ts";
import { formatCount, isZero, money, signed } from "./format.ts";
import { usePages } from "./load.ts";
import { Empty, FailureBox, Loading, MoreButton, Name, StaleNote, Time } from "./parts.tsx";
import { RefundButton } from "./refundButton.tsx";
import { formatRoute } from "./route.ts";
import { SaveButton } from "./saveButton.tsx";
import { readFilters, StatementFilters } from "./statementFilters.tsx";
import { T } from "./texts.ts";
import type { Entry } from "./types.ts";

type Props = {
  userId: string;
  currency: string;
  version: string;
  entryCount: number;
  query: URLSearchParams;
  onChanged(): void;
};

/** A user's entries as sentences, with filters, and the same as a CSV file. */
export function Statement({ userId, currency, version, entryCount, query, onChanged }: Props) {
  const { api } = useSigned();
  const filters = readFilters(query);
  const path = { userId };
  const list = usePages(
    `${userId} ${JSON.stringify(filters)}`,
    (cursor) =>
      api.read((http) =>
        http.GET("/v1/users/{userId}/transactions", {
          params: { path, query: { ...filters, limit: 20, ...(cursor !== undefined && { cursor }) } },
        }),
      ),
    version,
  );
  const { items, failure, reload } = list;
  return (
    <section class="card" aria-labelledby="statement">
      <header class="bar">
        <h2 id="statement">{T.statement.title}</h2>
        <span class="fine">{T.statement.count(formatCount(entryCount))}</span>
        <CsvButton userId={userId} filters={filters} />
      </header>
      <StatementFilters userId={userId} query={query} />
      <StaleNote failure={items ? failure : undefined} retry={reload} />
      {!items && (failure ? <FailureBox failure={failure} retry={reload} /> : <Loading />)}
      {items?.length === 0 && <Empty title={T.statement.empty}>{T.statement.emptyHint}</Empty>}
      {items && items.length > 0 && (
        <ol class="rows entries">
          {items.map((entry) => (
            <Row key={entry.version} entry={entry} userId={userId} currency={currency} onChanged={onChanged} />
          ))}
        </ol>
      )}
      <MoreButton list={list} />
    </section>
  );
}

function Row(props: { entry: Entry; userId: string; currency: string; onChanged(): void }) {
  const { entry, userId, currency, onChanged } = props;
  const { kind, operationId, workflowId, availableDelta, reservedDelta, availableAfter, reservedAfter } = entry;
  return (
    <li>
      <span class="when">
        <Time at={entry.createdAt} />
        <span class="fine">{T.kinds[kind]}</span>
      </span>
      <span class="what">
        <Name>{entry.description}</Name>
        <span class="links">
          <a href={formatRoute("operation", operationId, { workflow: workflowId })}>{T.operation.open}</a>
          {kind === "recognition" && (
            <RefundButton
              operationId={operationId}
              userId={userId}
              currency={currency}
              about={entry.description}
              onChanged={onChanged}
            />
          )}
        </span>
      </span>
      <span class="sums">
        {!isZero(availableDelta) && (
          <span class={availableDelta.startsWith("-") ? "sum" : "sum plus"}>{signed(availableDelta)}</span>
        )}
        {!isZero(reservedDelta) && <span class="sum fine">{T.statement.reservedDelta(signed(reservedDelta))}</span>}
        <span class="fine">{T.statement.after(money(availableAfter), money(reservedAfter))}</span>
      </span>
    </li>
  );
}

function CsvButton({ userId, filters }: { userId: string; filters: object }) {
  const { api } = useSigned();
  const save = async () => {
    const file = await api.read((http) =>
      http.GET("/v1/users/{userId}/transactions", {
        params: { path: { userId }, query: filters },
        headers: { accept: "text/csv" },
        parseAs: "blob",
      }),
    );
    saveFile(file as unknown as Blob, `saldo-${userId}.csv`);
  };
  return <SaveButton label={T.statement.csv} save={save} />;
}
