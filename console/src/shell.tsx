import { useEffect, useRef } from "preact/hooks";
import { useSigned } from "./context.ts";
import { Find, SearchField } from "./find.tsx";
import { Health } from "./health.tsx";
import { Month } from "./month.tsx";
import { Operation } from "./operation.tsx";
import { OperationsOf } from "./operations.tsx";
import { Empty } from "./parts.tsx";
import { Reservation } from "./reservation.tsx";
import { formatRoute, type Route, useRoute } from "./route.ts";
import { T } from "./texts.ts";
import { User } from "./user.tsx";

/** The head of the page with search and navigation, and the view of the route. */
export function Shell({ onSignOut }: { onSignOut(): void }) {
  const { session, can } = useSigned();
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const place = `${route.view}/${route.id}`;
  const isFirst = useRef(true);

  useEffect(() => {
    document.title = `${[route.id, T.titles[route.view]].filter(Boolean).join(" · ")} · ${T.name}`;
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [place]);

  const canFind = can("balance:read", "operations:read");
  const tabs = [
    ...(canFind ? [{ view: "find", title: T.nav.find }] : []),
    ...(can("reports:read") ? [{ view: "month", title: T.nav.month }] : []),
    { view: "health", title: T.nav.health },
  ];
  const isFound = !["month", "health"].includes(route.view);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {T.skip}
      </button>
      <header class="top">
        <span class="brand">{T.name}</span>
        <nav aria-label={T.nav.label}>
          {tabs.map(({ view, title }) => (
            <a
              key={view}
              href={formatRoute(view)}
              aria-current={(view === "find" ? isFound : view === route.view) ? "page" : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
        {canFind && <SearchField />}
        <span class="caller">
          <bdi title={T.callerTitle}>{session.caller}</bdi>
          <button type="button" class="plain" onClick={onSignOut}>
            {T.signOut}
          </button>
        </span>
      </header>
      <main id="main" ref={main} tabIndex={-1} key={place}>
        <View route={route} home={tabs[0]!.view} />
      </main>
    </>
  );
}

/** The view of a route, where the token has a scope for it. */
function View({ route, home }: { route: Route; home: string }) {
  const { can } = useSigned();
  const view = route.view === "find" && route.id === "" ? home : route.view;
  const { id, query } = route;
  if (view === "find" && can("balance:read", "operations:read")) return <Find text={id} query={query} />;
  if (view === "user" && can("balance:read")) return <User userId={id} query={query} />;
  if (view === "operation" && can("balance:read")) return <Operation operationId={id} query={query} />;
  if (view === "reservation" && can("balance:read")) return <Reservation reservationId={id} />;
  if (["order", "reference", "workflow", "account", "settlements", "key"].includes(view) && can("operations:read")) {
    return <OperationsOf by={view} id={id} query={query} />;
  }
  if (view === "month" && can("reports:read")) return <Month month={id} />;
  if (view === "health") return <Health />;
  const isKnown = Object.hasOwn(T.titles, view);
  return (
    <Empty title={isKnown ? T.notAllowed.title : T.noView.title}>{isKnown ? T.notAllowed.hint : T.noView.hint}</Empty>
  );
}
