import { useState } from "preact/hooks";
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
  const [changes, setChanges] = useState(0);
  const onChanged = () => {
    setChanges((count) => count + 1);
    reload();
  };
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
        {failure?.code === "account_unknown" && can("operations:read") && <Declined userId={userId} version="" />}
      </>
    );
  }
  const { available, reserved, currency, asOf, version } = data;
  // A declined request and an extension change no balance.
  const shared = { userId, currency, version: `${version} ${changes}` };
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
      <BalanceChart query={query} {...shared} />
      <ReservationList state="open" onChanged={onChanged} onDue={reload} {...shared} />
      <Statement query={query} entryCount={version} onChanged={onChanged} {...shared} />
      <ReservationList state="settled" onChanged={onChanged} onDue={reload} {...shared} />
      {can("operations:read") && <Declined userId={userId} version={shared.version} />}
    </>
  );
}

/** The refused requests of a user, which no statement has. */
function Declined({ userId, version }: { userId: string; version: string }) {
  return (
    <section class="card">
      <h2>{T.user.declined}</h2>
      <OperationList filter={{ userId, status: "declined" }} version={version} empty={T.user.noDeclined} />
    </section>
  );
}
