import { useSigned } from "./context.ts";
import { useDue } from "./due.ts";
import { isZero, money } from "./format.ts";
import { type Pages, usePages } from "./load.ts";
import { Badge, Empty, FailureBox, Loading, MoreButton, Name, StaleNote, Time, TimeLeft } from "./parts.tsx";
import { ReleaseButton } from "./releaseButton.tsx";
import { formatRoute } from "./route.ts";
import { T } from "./texts.ts";
import type { ReservationSummary } from "./types.ts";

type Props = {
  userId: string;
  state: "open" | "settled";
  currency: string;
  version: string;
  onChanged(): void;
  onDue(): void;
};

/** A user's open reservations with the time left, or the settled ones with their parts. */
export function ReservationList({ userId, state, currency, version, onChanged, onDue }: Props) {
  const { api } = useSigned();
  const path = { userId };
  const list = usePages(
    `${userId} ${state}`,
    (cursor) =>
      api.read((http) =>
        http.GET("/v1/users/{userId}/reservations", {
          params: { path, query: { state, limit: 20, ...(cursor !== undefined && { cursor }) } },
        }),
      ),
    version,
  );
  return (
    <ReservationCard
      title={T.reservation[state]}
      empty={T.reservation.none[state]}
      list={list}
      currency={currency}
      onChanged={onChanged}
      onDue={onDue}
    />
  );
}

export function ReservationCard(props: {
  title: string;
  empty: string;
  list: Pages<ReservationSummary>;
  currency: string;
  onChanged(): void;
  /** Called after a deadline, when the list is read again. */
  onDue?(): void;
}) {
  const { title, empty, list, currency, onChanged, onDue } = props;
  const { items = [], failure, reload, isFirstPage } = list;
  // Reading the list again would take away its further pages.
  const watched = isFirstPage ? items.filter(({ state }) => state === "open") : [];
  const readDue = () => {
    reload();
    onDue?.();
  };
  useDue(
    watched.map(({ expiresAt }) => expiresAt),
    readDue,
  );
  return (
    <section class="card">
      <h2>{title}</h2>
      <StaleNote failure={list.items ? failure : undefined} retry={reload} />
      {!list.items && (failure ? <FailureBox failure={failure} retry={reload} /> : <Loading />)}
      {list.items?.length === 0 && <Empty title={empty} />}
      {items.length > 0 && (
        <ul class="rows reservations">
          {items.map((one) => (
            <ReservationRow key={one.reservationId} reservation={one} currency={currency} onChanged={onChanged} />
          ))}
        </ul>
      )}
      <MoreButton list={list} />
    </section>
  );
}

function ReservationRow(props: { reservation: ReservationSummary; currency: string; onChanged(): void }) {
  const { reservation, currency, onChanged } = props;
  const { reservationId, serviceId, orderId, state, createdAt, expiresAt, remaining, reserved } = reservation;
  return (
    <li>
      <span class="when">
        <Time at={createdAt} />
        {state === "open" ? <TimeLeft until={expiresAt} /> : <Badge>{T.reservation.states.settled}</Badge>}
      </span>
      <span class="what">
        <span>
          {T.reservation.purpose} <Name>{serviceId}</Name>, {T.reservation.order} <Name>{orderId}</Name>
        </span>
        <span class="links">
          <a href={formatRoute("reservation", reservationId)}>{T.reservation.openLink}</a>
          <ReleaseButton reservation={reservation} currency={currency} onChanged={onChanged} />
        </span>
      </span>
      <span class="sums">
        <span class="sum">{money(state === "open" ? remaining : reserved, currency)}</span>
        <span class="fine">{partsOf(reservation)}</span>
      </span>
    </li>
  );
}

/** "80.00 recognized, 20.00 released": the parts that are not zero. */
export function partsOf(reservation: ReservationSummary): string {
  return (["recognized", "released", "expired", "refunded"] as const)
    .filter((part) => !isZero(reservation[part]))
    .map((part) => T.reservation.parts[part](money(reservation[part])))
    .join(", ");
}
