import { useSigned } from "./context.ts";
import { formatMonth, formatTime, money } from "./format.ts";
import { useLoad } from "./load.ts";
import { BalancesReport } from "./monthBalances.tsx";
import { openPathOf, readRevenueLines } from "./monthFiles.ts";
import { Badge, Empty, FailureBox, Figure, Loading, StaleNote } from "./parts.tsx";
import { RevenueBars } from "./revenueBars.tsx";
import { formatRoute, navigate } from "./route.ts";
import { T } from "./texts.ts";

/** The time zone that is furthest ahead of UTC. */
const EARLIEST_ZONE_MS = 14 * 3_600_000;

/** The reports of a month, with their hashes and files. Without a month it is the running one. */
export function Month({ month: asked }: { month: string }) {
  const { api } = useSigned();
  const month = asked || new Date().toISOString().slice(0, 7);
  const { data, failure, reload } = useLoad(month, async () => {
    const query = { month };
    const [revenue, orders, balances] = await Promise.all([
      api.read((http) => http.GET("/v1/reports/revenue", { params: { query } })),
      api.read((http) => http.GET("/v1/reports/revenue", { params: { query: { ...query, detail: "orders" } } })),
      api.read((http) => http.GET("/v1/reports/balances", { params: { query } })),
    ]);
    return { revenue, orders, balances, lines: await readRevenueLines(revenue.url) };
  });
  return (
    <>
      <header class="bar">
        <h1>{formatMonth(month)}</h1>
        {data && <StatusBadge status={data.revenue.status} />}
        <MonthField month={month} />
      </header>
      <StaleNote failure={data ? failure : undefined} retry={reload} />
      {!data && (failure ? <FailureBox failure={failure} retry={reload} /> : <Loading />)}
      {data && (
        <>
          <p>
            {data.revenue.status === "final"
              ? T.month.finalText
              : T.month.provisionalText(formatTime(data.revenue.generatedAt))}
          </p>
          <dl class="figures">
            <Figure label={T.month.total}>{money(data.revenue.total, data.balances.currency)}</Figure>
            <Figure label={T.month.gross}>{money(data.balances.revenue, data.balances.currency)}</Figure>
            <Figure label={T.month.refunds}>{money(data.balances.refunds, data.balances.currency)}</Figure>
          </dl>
          <section class="card">
            <h2>{T.month.byService}</h2>
            {data.lines.length === 0 ? (
              <Empty title={T.month.noRevenue}>{T.month.noRevenueHint}</Empty>
            ) : (
              <RevenueBars lines={data.lines} currency={data.balances.currency} />
            )}
          </section>
          <BalancesReport report={data.balances} />
          <section class="card">
            <h2>{T.month.files}</h2>
            <ul class="files">
              {(["revenue", "orders", "balances"] as const).map((name) => (
                <li key={name}>
                  <a href={openPathOf(data[name].url)} download>
                    {T.month.file[name]}
                  </a>
                  <span class="fine">
                    SHA-256 <code>{data[name].sha256 ?? T.month.noHash}</code>
                  </span>
                </li>
              ))}
            </ul>
            <p class="fine">{T.month.linkHint}</p>
          </section>
        </>
      )}
    </>
  );
}

function StatusBadge({ status }: { status: "final" | "provisional" }) {
  return <Badge tone={status === "final" ? "good" : "warn"}>{T.month.statuses[status]}</Badge>;
}

function MonthField({ month }: { month: string }) {
  // The month may have begun in the time zone of the reports already.
  const latest = new Date(Date.now() + EARLIEST_ZONE_MS).toISOString().slice(0, 7);
  const open = (other: string) => /^\d{4}-\d{2}$/.test(other) && navigate(formatRoute("month", other));
  const shifted = (months: number) => {
    const date = new Date(`${month}-01T00:00:00Z`);
    date.setUTCMonth(date.getUTCMonth() + months);
    return date.toISOString().slice(0, 7);
  };
  return (
    <span class="month-field">
      <a class="button" href={formatRoute("month", shifted(-1))}>
        <span aria-hidden="true">‹</span> {T.month.before}
      </a>
      <label>
        <span class="hidden">{T.month.field}</span>
        <input type="month" max={latest} value={month} onChange={(event) => open(event.currentTarget.value)} />
      </label>
      {month < latest && (
        <a class="button" href={formatRoute("month", shifted(1))}>
          {T.month.after} <span aria-hidden="true">›</span>
        </a>
      )}
    </span>
  );
}
