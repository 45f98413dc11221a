import { addAmounts } from "./amounts.ts";
import { useSigned } from "./context.ts";
import { formatMonth, formatTime, money } from "./format.ts";
import { useLoad } from "./load.ts";
import { BalancesReport } from "./monthBalances.tsx";
import {
  FIRST_ZONE_HOURS,
  LAST_ZONE_HOURS,
  type MonthData,
  monthIn,
  REPORTS,
  readMonth,
  readRunningMonth,
  saveReport,
} from "./monthReports.ts";
import { Badge, Empty, FailureBox, Figure, Loading, StaleNote } from "./parts.tsx";
import { RevenueBars } from "./revenueBars.tsx";
import { formatRoute, navigate } from "./route.ts";
import { SaveButton } from "./saveButton.tsx";
import { T } from "./texts.ts";

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** The reports of a month, with their hashes and files. Without a month it is the running one. */
export function Month({ month }: { month: string }) {
  if (month === "" || MONTH.test(month)) return <MonthOf asked={month} />;
  return (
    <>
      <header class="bar">
        <h1>{T.titles.month}</h1>
        <MonthField month={monthIn(LAST_ZONE_HOURS)} />
      </header>
      <Empty title={T.month.invalid} />
    </>
  );
}

function MonthOf({ asked }: { asked: string }) {
  const { api } = useSigned();
  const { data, failure, reload } = useLoad(asked, () => (asked ? readMonth(api, asked) : readRunningMonth(api)));
  const month = data?.month ?? (asked || monthIn(LAST_ZONE_HOURS));
  return (
    <>
      <header class="bar">
        <h1>{formatMonth(month)}</h1>
        {data && <StatusBadge status={data.balances.status} />}
        <MonthField month={month} />
      </header>
      <StaleNote failure={data ? failure : undefined} retry={reload} />
      {!data && (failure ? <FailureBox failure={failure} retry={reload} /> : <Loading />)}
      {data && <Reports data={data} />}
    </>
  );
}

function Reports({ data }: { data: MonthData }) {
  const { api } = useSigned();
  const { month, balances, lines } = data;
  const { revenue, refunds, currency, generatedAt } = balances;
  return (
    <>
      <p>{balances.status === "final" ? T.month.finalText : T.month.provisionalText(formatTime(generatedAt))}</p>
      <dl class="figures">
        <Figure label={T.month.total}>{money(addAmounts(revenue, `-${refunds}`), currency)}</Figure>
        <Figure label={T.month.gross}>{money(revenue, currency)}</Figure>
        <Figure label={T.month.refunds}>{money(refunds, currency)}</Figure>
      </dl>
      <section class="card">
        <h2>{T.month.byService}</h2>
        {lines.length === 0 ? (
          <Empty title={T.month.noRevenue}>{T.month.noRevenueHint}</Empty>
        ) : (
          <RevenueBars lines={lines} currency={currency} />
        )}
      </section>
      <BalancesReport report={balances} />
      <section class="card">
        <h2>{T.month.files}</h2>
        <ul class="files">
          {REPORTS.map((name) => (
            <li key={name}>
              <SaveButton label={T.month.file[name]} save={() => saveReport(api, name, month)} />
              <span class="fine">
                SHA-256 <code>{data[name].sha256 ?? T.month.noHash}</code>
              </span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function StatusBadge({ status }: { status: "final" | "provisional" }) {
  return <Badge tone={status === "final" ? "good" : "warn"}>{T.month.statuses[status]}</Badge>;
}

function MonthField({ month }: { month: string }) {
  // The month may have begun in the time zone of the reports already.
  const latest = monthIn(FIRST_ZONE_HOURS);
  const open = (field: HTMLInputElement) => {
    field.setCustomValidity(MONTH.test(field.value) ? "" : T.month.invalid);
    if (field.reportValidity()) navigate(formatRoute("month", field.value));
  };
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
        {/* In a browser without a picker of months it is a field of text. */}
        <input
          type="month"
          placeholder={T.month.example}
          max={latest}
          value={month}
          onChange={(event) => open(event.currentTarget)}
        />
      </label>
      {month < latest && (
        <a class="button" href={formatRoute("month", shifted(1))}>
          {T.month.after} <span aria-hidden="true">›</span>
        </a>
      )}
    </span>
  );
}
