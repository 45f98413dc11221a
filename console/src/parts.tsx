import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Failure } from "./failure.ts";
import { formatSpan, formatTime } from "./format.ts";
import { T } from "./texts.ts";

/** A failed request as a sentence, with its code and the id of the request. */
export function FailureBox({ failure, retry }: { failure: Failure; retry?: (() => void) | undefined }) {
  const { code, problem } = failure;
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>{T.failures[code]}</strong>
      </p>
      {problem?.errors?.map(({ field, message }) => (
        <p key={field}>
          {field} {message}
        </p>
      ))}
      <FailureCode failure={failure} />
      {retry && (
        <button type="button" onClick={retry}>
          {T.failure.retry}
        </button>
      )}
    </div>
  );
}

/** The code of a failure, and the id of its request. */
export function FailureCode({ failure: { code, requestId } }: { failure: Failure }) {
  return (
    <p class="fine">
      {T.failure.code} <code>{code}</code>
      {requestId && (
        <>
          {" · "}
          {T.failure.requestId} <code>{requestId}</code>
        </>
      )}
    </p>
  );
}

/** A failed refresh of data that is still shown. */
export function StaleNote({ failure, retry }: { failure: Failure | undefined; retry(): void }) {
  if (!failure) return null;
  return <FailureBox failure={failure} retry={retry} />;
}

export function Loading() {
  return (
    <p class="loading" role="status">
      {T.loading}
    </p>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children && <p>{children}</p>}
    </div>
  );
}

/** A time as the browser's zone shows it; the tooltip has it in UTC. */
export function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at}>
      {formatTime(at)}
    </time>
  );
}

/** The time until a deadline, once a second. */
export function TimeLeft({ until }: { until: string }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const leftMs = Date.parse(until) - now;
  const isDue = leftMs < 0;
  return (
    <span class={isDue ? "badge bad" : leftMs < 3_600_000 ? "badge warn" : "badge"} title={until}>
      {isDue ? T.reservation.overdue(formatSpan(-leftMs)) : T.reservation.left(formatSpan(leftMs))}
    </span>
  );
}

export function Badge({ tone = "", children }: { tone?: "" | "good" | "bad" | "warn"; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** A text of another party: it wraps anywhere, and its direction does not spill over. */
export function Name({ children }: { children: string }) {
  return (
    <bdi class="name" dir="auto">
      {children}
    </bdi>
  );
}

/** A label with its value, as a large figure. */
export function Figure({ label, children, note }: { label: string; children: ComponentChildren; note?: string }) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>
        <span class="value">{children}</span>
        {note && <span class="fine">{note}</span>}
      </dd>
    </div>
  );
}

/** A row of a list of fields. */
export function Field({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A link to another system, in a tab of its own. */
export function OuterLink({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children} <span aria-hidden="true">↗</span>
      <span class="hidden">{T.newTab}</span>
    </a>
  );
}

export function MoreButton({
  list,
}: {
  list: { hasMore: boolean; isLoadingMore: boolean; loadMore(): Promise<void>; moreFailure: Failure | undefined };
}) {
  return (
    <>
      {list.moreFailure && <FailureBox failure={list.moreFailure} />}
      {list.hasMore && (
        <button type="button" class="more" disabled={list.isLoadingMore} onClick={() => void list.loadMore()}>
          {list.isLoadingMore ? T.loading : T.more}
        </button>
      )}
    </>
  );
}
