import { addAmounts } from "./amounts.ts";
import { BalanceChart } from "./balanceChart.tsx";
import { useSigned } from "./context.ts";
import { formatTime, money } from "./format.ts";
import { useLoad } from "./load.ts";
import { OperationList } from "./operations.tsx";
import { Empty, FailureBox, Figure, Loading, Name, StaleNote } from "./parts.tsx";
import { ReservationList } from "./reservationList.tsx";
import { Statement } from "./statement.tsx";
import { T } from "./texts.ts";

/** A user's money: balance, chart, reservations and statement. */
export function User({ userId, query }: { userId: string; query: URLSearchParams }) {
  const { api, can } = useSigned();
  const path = { userId };
  const balance = useLoad(userId, () =>
    api.read((http) => http.GET("/v1/users/{userId}/balance", { params: { path, query: { consistency: "strong" } } })),
  );
  const { data, failure, reload } = balance;
  const heading = (
    <h1>
      {T.user.title} <Name>{userId}</Name>
    </h1>
  );
  if (!data) {
    return (
      <>
        {heading}
        {failure?.code === "account_unknown" ? (
          <Empty title={T.failures.account_unknown}>{T.user.unknownHint}</Empty>
        ) : failure ? (
          <FailureBox failure={failure} retry={reload} />
        ) : (
          <Loading />
        )}
        {failure?.code === "account_unknown" && can("operations:read") && <Declined userId={userId} />}
      </>
    );
  }
  const { available, reserved, currency, asOf, version } = data;
  return (
    <>
      {heading}
      <StaleNote failure={failure} retry={reload} />
      <dl class="figures">
        <Figure label={T.user.available}>{money(available, currency)}</Figure>
        <Figure label={T.user.reserved}>{money(reserved, currency)}</Figure>
        <Figure label={T.user.total} note={T.user.asOf(formatTime(asOf))}>
          {money(addAmounts(available, reserved), currency)}
        </Figure>
      </dl>
      <BalanceChart userId={userId} version={version} currency={currency} query={query} />
      <ReservationList userId={userId} state="open" currency={currency} version={version} onChanged={reload} />
      <Statement userId={userId} currency={currency} version={version} query={query} onChanged={reload} />
      <ReservationList userId={userId} state="settled" currency={currency} version={version} onChanged={reload} />
      {can("operations:read") && <Declined userId={userId} />}
    </>
  );
}

/** The refused requests of a user, which no statement has. */
function Declined({ userId }: { userId: string }) {
  return (
    <section class="card">
      <h2>{T.user.declined}</h2>
      <OperationList filter={{ userId, status: "declined" }} empty={T.user.noDeclined} />
    </section>
  );
}
