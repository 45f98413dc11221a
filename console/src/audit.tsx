import { useEffect, useRef, useState } from "preact/hooks";
import { orAbsent } from "./api.ts";
import { useSigned } from "./context.ts";
import { type Failure, toFailure } from "./failure.ts";
import { formatCount, formatSpan } from "./format.ts";
import { useLoad } from "./load.ts";
import { type Scrape, sumOf } from "./metrics.ts";
import { Badge, Empty, FailureBox, Loading, OuterLink, StaleNote, Time } from "./parts.tsx";
import { T } from "./texts.ts";
import type { Audit } from "./types.ts";

const POLL_MS = 2_000;
const TONES = { clean: "good", broken: "bad", incomplete: "warn" } as const;
type Verdict = keyof typeof TONES;

/** The last audit. Its findings, and the start of another one, need the scope; the verdict is in the metrics. */
export function AuditCard({ scrape }: { scrape: Scrape }) {
  const { can } = useSigned();
  return (
    <section class="card" aria-labelledby="audit">
      <h2 id="audit">{T.audit.title}</h2>
      {can("audit") ? <LatestAudit scrape={scrape} /> : <Verdict scrape={scrape} />}
    </section>
  );
}

function Verdict({ scrape }: { scrape: Scrape }) {
  const verdicts = Object.keys(TONES) as Verdict[];
  const verdict = verdicts.find((one) => sumOf(scrape, "saldo_audit_verdict", (labels) => labels.verdict === one));
  const age = sumOf(scrape, "saldo_audit_age_seconds");
  if (!isLedgerUp(scrape)) return <Empty title={T.audit.unknown} />;
  if (!verdict || age === undefined) return <Empty title={T.audit.none} />;
  return (
    <>
      <p>
        <Badge tone={TONES[verdict]}>{T.audit.verdicts[verdict]}</Badge> {T.audit.ago(formatSpan(age * 1_000))}
      </p>
      <p class="fine">{T.audit.needsScope}</p>
    </>
  );
}

function isLedgerUp(scrape: Scrape): boolean {
  return sumOf(scrape, "saldo_ledger_up") === 1;
}

function LatestAudit({ scrape }: { scrape: Scrape }) {
  const { api } = useSigned();
  const age = sumOf(scrape, "saldo_audit_age_seconds");
  // Without the ledger the metrics do not show whether there is one.
  const hasAudit = age !== undefined || !isLedgerUp(scrape);
  const { data, failure, reload } = useLoad(`${hasAudit}`, async () => {
    const audit = hasAudit ? await orAbsent(api.read((http) => http.GET("/v1/audits/latest"))) : undefined;
    return { audit };
  });
  /** The audit that was started or joined, and the last one then. It runs until there is a newer result. */
  const [running, setRunning] = useState<{ after: string; temporal: string }>();
  const [isStarting, setStarting] = useState(false);
  const [startFailure, setStartFailure] = useState<Failure>();
  const latestId = data?.audit?.auditId ?? "none";
  const isRunning = running?.after === latestId;
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(reload, POLL_MS);
    return () => clearInterval(timer);
  }, [isRunning, reload]);

  // A younger audit than before has ended, of the schedule or of another caller.
  const knownAge = useRef(age);
  useEffect(() => {
    if (age !== undefined && (knownAge.current === undefined || age < knownAge.current)) reload();
    knownAge.current = age;
  }, [age, reload]);

  async function start(): Promise<void> {
    if (isStarting) return;
    setStartFailure(undefined);
    setStarting(true);
    try {
      const { links } = await api.read((http) => http.POST("/v1/audits"));
      setRunning({ after: latestId, temporal: links.temporal });
      reload();
    } catch (error) {
      setStartFailure(toFailure(error));
    }
    setStarting(false);
  }

  return (
    <>
      <StaleNote failure={failure} retry={reload} />
      {!data && !failure && <Loading />}
      {data && !data.audit && <Empty title={T.audit.none}>{T.audit.noneHint}</Empty>}
      {data?.audit && <AuditResult audit={data.audit} />}
      {startFailure && <FailureBox failure={startFailure} />}
      {isRunning && (
        <p role="status">
          {T.audit.running} <OuterLink href={running.temporal}>{T.audit.temporal}</OuterLink>
        </p>
      )}
      <p class="buttons">
        {/* It joins an audit that is running, and starts another one after a failure. */}
        <button type="button" aria-disabled={isStarting} onClick={() => void start()}>
          {T.audit.start}
        </button>
      </p>
    </>
  );
}

function AuditResult({ audit }: { audit: Audit }) {
  const { verdict, finishedAt, checked, notChecked, findings, findingsTotal, links } = audit;
  return (
    <>
      <p>
        <Badge tone={TONES[verdict]}>{T.audit.verdicts[verdict]}</Badge> <Time at={finishedAt} />
      </p>
      <p class="fine">
        {T.audit.checked({
          entries: formatCount(checked.entries ?? 0),
          accounts: formatCount(checked.accounts ?? 0),
          events: formatCount(checked.events ?? 0),
        })}
        {notChecked.length > 0 && ` ${T.audit.notChecked(notChecked.join(", "))}`}
      </p>
      {findings.length > 0 && (
        <ol class="findings">
          {findings.map((finding, index) => (
            <li key={index}>
              {finding.sentence} <span class="fine">{T.audit.promise(finding.promise)}</span>
            </li>
          ))}
        </ol>
      )}
      {findingsTotal > findings.length && <p class="fine">{T.audit.moreFindings(formatCount(findingsTotal))}</p>}
      <p>
        <OuterLink href={links.temporal}>{T.audit.temporal}</OuterLink>
      </p>
    </>
  );
}
