import { AuditCard } from "./audit.tsx";
import { decidedIn, isApiAlone } from "./decided.ts";
import { formatClock, formatCount, formatLatency, formatRate, formatSpan } from "./format.ts";
import { type Health as HealthState, useHealth } from "./healthPoll.ts";
import { increaseOf, increasesBy, movesMoney, quantileOf, rateOf, type Span, sumOf } from "./metrics.ts";
import { Badge, FailureBox, Figure, Loading } from "./parts.tsx";
import { T } from "./texts.ts";
import { Trend } from "./trend.tsx";
import { partStatesOf, warningsOf } from "./warnings.ts";

const REQUESTS = "saldo_http_request_duration_seconds";
const OPERATIONS = "saldo_operations_total";
/** Probes and scrapes are not part of the load. */
const isLoad = ({ route = "" }: Record<string, string>) => route.startsWith("/v1/");
/** Operations that were decided in a second. */
const decidedRate = (spans: Span[]) => rateOf(spans, (span) => decidedIn(span).all);
const requestRate = (spans: Span[]) => rateOf(spans, (span) => increaseOf(span, `${REQUESTS}_count`, isLoad));

/** The state of the service at a glance, refreshed every few seconds. */
export function Health() {
  const health = useHealth();
  const { history, failure, refreshedAt } = health;
  return (
    <>
      <header class="bar">
        <h1>{T.health.title}</h1>
        <span class="fine">{refreshedAt !== undefined && T.health.refreshed(formatClock(refreshedAt))}</span>
      </header>
      {failure && (
        <div class="stale">
          <FailureBox failure={failure} />
          <p class="fine">
            {refreshedAt === undefined ? T.health.neverRefreshed : T.health.notRefreshed(formatClock(refreshedAt))}
          </p>
        </div>
      )}
      {refreshedAt === undefined && !failure && <Loading />}
      {history.latest && refreshedAt !== undefined && (
        <>
          {!failure && <Verdict health={health} />}
          <Load spans={history.spans()} steps={history.steps()} />
          <div class="columns">
            <Waiting health={health} />
            <PartStates health={health} />
            <Declines spans={history.spans()} />
            <AuditCard scrape={history.latest} />
          </div>
        </>
      )}
    </>
  );
}

function Verdict({ health }: { health: HealthState }) {
  const warnings = warningsOf(health);
  if (warnings.length === 0 && health.history.spans().length === 0) {
    return (
      <p class="notice" role="status">
        {T.health.measuringFirst}
      </p>
    );
  }
  return (
    <div class={warnings.length === 0 ? "notice good" : "notice bad"} role="status">
      <p>
        <strong>{warnings.length === 0 ? T.health.well : T.health.look}</strong>
      </p>
      {warnings.length > 0 && (
        <ul>
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Load({ spans, steps }: { spans: Span[]; steps: Span[] }) {
  const latency = (q: number) => {
    const seconds = quantileOf(spans, REQUESTS, q, movesMoney);
    return seconds === undefined ? T.health.noRequests : formatLatency(seconds);
  };
  const decided = spans.map(decidedIn);
  const operations = decided.reduce((sum, { all }) => sum + all, 0);
  const declined = decided.reduce((sum, one) => sum + one.declined, 0);
  const windowMs = Math.max(0, ...spans.map(([from, to]) => to.atMs - from.atMs));
  const isMeasured = spans.length > 0;
  const measured = (text: string) => (isMeasured ? text : T.health.measuring);
  return (
    <section aria-labelledby="load">
      <h2 id="load">
        {T.health.load} <span class="fine">{isMeasured && T.health.window(formatSpan(windowMs))}</span>
      </h2>
      <dl class="figures">
        <Figure label={T.health.operations}>{measured(T.health.perSecond(formatRate(decidedRate(spans))))}</Figure>
        <Figure label={T.health.requests}>{measured(T.health.perSecond(formatRate(requestRate(spans))))}</Figure>
        <Figure label={T.health.median}>{measured(latency(0.5))}</Figure>
        <Figure label={T.health.p99}>{measured(latency(0.99))}</Figure>
        <Figure label={T.health.declined} note={isMeasured ? T.health.ofOperations(formatCount(operations)) : ""}>
          {measured(formatCount(declined))}
        </Figure>
      </dl>
      <div class="columns">
        <Trend
          title={T.health.operationsTrend}
          points={steps.map((step) => [step[1].atMs, decidedRate([step])])}
          format={(rate) => T.health.perSecond(formatRate(rate))}
        />
        <Trend
          title={T.health.latencyTrend}
          points={steps.map((step) => [step[1].atMs, quantileOf([step], REQUESTS, 0.99, movesMoney) ?? 0])}
          format={formatLatency}
        />
      </div>
    </section>
  );
}

function Waiting({ health: { history } }: { health: HealthState }) {
  const value = (name: string) => sumOf(history.latest!, name);
  const rows = [
    ["outbox", value("saldo_unpublished_carriers"), value("saldo_unpublished_oldest_age_seconds")],
    ["overdue", value("saldo_overdue_reservations"), value("saldo_overdue_reservations_oldest_age_seconds")],
    ["queued", value("saldo_queued_operations"), value("saldo_queue_oldest_age_seconds")],
    ["uncommitted", value("saldo_uncommitted_carriers"), undefined],
  ] as const;
  return (
    <section class="card">
      <h2>{T.health.waiting}</h2>
      <table class="ledger">
        <thead>
          <tr>
            <th scope="col">{T.health.item}</th>
            <th scope="col">{T.health.count}</th>
            <th scope="col">{T.health.age}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, count, ageSeconds]) => (
            <tr key={name}>
              <th scope="row">{T.health.waits[name]}</th>
              <td>{count === undefined ? T.health.unknown : formatCount(count)}</td>
              <td>{ageSeconds ? formatSpan(ageSeconds * 1_000) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function PartStates({ health }: { health: HealthState }) {
  return (
    <section class="card">
      <h2>{T.health.partsTitle}</h2>
      <ul class="parts">
        {Object.entries(partStatesOf(health)).map(([part, state]) => (
          <li key={part}>
            <span>{T.health.parts[part] ?? part}</span>
            <Badge tone={state === "up" ? "good" : "bad"}>{T.health.states[state]}</Badge>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Declines({ spans }: { spans: Span[] }) {
  const declines = increasesBy(spans, OPERATIONS, "outcome").filter(([outcome]) => outcome !== "completed");
  return (
    <section class="card">
      <h2>{T.health.declines}</h2>
      {declines.length === 0 ? (
        <p class="fine">{spans.some(isApiAlone) ? T.health.otherDeclines : T.health.noDeclines}</p>
      ) : (
        <ul class="parts">
          {declines.map(([code, count]) => (
            <li key={code}>
              <span>
                {T.failures[code as keyof typeof T.failures]} <code class="fine">{code}</code>
              </span>
              <span class="sum">{formatCount(count)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
