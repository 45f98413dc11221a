import { useEffect, useRef, useState } from "preact/hooks";
import { SaldoUncertain } from "../../client/src/index.ts";
import { readAmount, toMinor } from "./amounts.ts";
import { useSigned } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { Failure, toFailure } from "./failure.ts";
import { money } from "./format.ts";
import { type Action, createIntent, endIntent, type Intent, loadIntent } from "./intents.ts";
import { type FieldError, MoveForm, type Typed } from "./moveForm.tsx";
import { FailureBox, FailureCode } from "./parts.tsx";
import { formatRoute } from "./route.ts";
import { T } from "./texts.ts";

/** A refund of a recognition, or a release of a reservation, `about` which. `amount` is the most that it can move. */
export type Move = { action: Action; id: string; userId: string; amount: string; currency: string; about: string };

type Step =
  | { name: "form"; refused?: { failure: Failure; typed: Typed } }
  | { name: "pending"; intent: Intent }
  | { name: "done"; amount: string; operationId: string }
  | { name: "declined"; failure: Failure; operationId: string | undefined }
  | { name: "unknown"; intent: Intent; failure?: Failure };

/** The form of an operation, then its state until the outcome. */
export function MoveDialog({ move, onClose }: { move: Move; onClose(isChanged: boolean): void }) {
  const { api, session } = useSigned();
  const { action, id, userId, currency } = move;
  const [step, setStep] = useState<Step>(() => {
    const intent = loadIntent(action, id);
    return intent ? { name: "unknown", intent } : { name: "form" };
  });
  const isSending = useRef(false);
  const isOpenEnded = step.name === "pending" || step.name === "unknown";
  useEffect(() => {
    if (!isOpenEnded) return;
    // The key of the request ends with the tab.
    const keep = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", keep);
    return () => removeEventListener("beforeunload", keep);
  }, [isOpenEnded]);
  const texts = T.move[action];

  /**
   * Sends the request, always with the key of its first click.
   *
   * A refusal proves that nothing was recorded only where no earlier click may have been accepted.
   */
  async function send(intent: Intent, isFirst: boolean): Promise<void> {
    if (isSending.current) return;
    isSending.current = true;
    setStep({ name: "pending", intent });
    const { key, amount, comment } = intent;
    try {
      const outcome =
        action === "refund"
          ? await api.saldo.refund({ recognitionId: id, amount, comment }, { key })
          : await api.saldo.releaseReservation({ reservationId: id, amount, comment }, { key });
      endIntent(action, id, key);
      if (outcome.status === "declined") {
        const { problem } = outcome;
        const failure = new Failure(problem.code, { problem, requestId: api.requestIdOf(key) });
        setStep({ name: "declined", failure, operationId: problem.operationId });
      } else {
        const { operationId, amount: moved } = outcome.operation;
        setStep({ name: "done", amount: moved, operationId });
      }
    } catch (error) {
      const failure = toFailure(error, api.requestIdOf(key));
      if (error instanceof SaldoUncertain || !isFirst) setStep({ name: "unknown", intent, failure });
      else {
        endIntent(action, id, key);
        setStep({ name: "form", refused: { failure, typed: { amount, comment } } });
      }
    } finally {
      isSending.current = false;
    }
  }

  function submit(typed: Typed): FieldError | undefined {
    const amount = readAmount(typed.amount);
    if (amount === undefined || toMinor(amount) <= 0n) return { field: "amount", text: T.move.amountInvalid };
    if (toMinor(amount) > toMinor(move.amount)) {
      return { field: "amount", text: T.move.amountTooLarge(money(move.amount, currency)) };
    }
    const comment = typed.comment.trim();
    if (comment === "") return { field: "comment", text: T.move.reasonMissing };
    if (isSending.current) return undefined;
    void send(createIntent(action, id, { caller: session.caller, amount, comment }), true);
    return undefined;
  }

  const close = () => onClose(step.name !== "form");
  return (
    <Dialog title={texts.title} onClose={step.name === "pending" ? undefined : close}>
      {step.name === "form" && (
        <>
          {step.refused && <FailureBox failure={step.refused.failure} />}
          <MoveForm move={move} typed={step.refused?.typed} onSubmit={submit} onCancel={close} />
        </>
      )}
      {step.name === "pending" && (
        <div class="notice" role="status">
          <p>
            <strong>{T.move.pending}</strong> {texts.summary(money(step.intent.amount, currency), userId)}
          </p>
          <p class="fine">{T.move.pendingHint}</p>
        </div>
      )}
      {step.name === "done" && (
        <div class="notice good" role="status">
          <p>
            <strong>{T.move.done}</strong> {texts.summary(money(step.amount, currency), userId)}
          </p>
          <OperationLink operationId={step.operationId} onOpen={close} />
        </div>
      )}
      {step.name === "declined" && (
        <>
          <p>
            <strong>{T.move.declined}</strong>
          </p>
          <FailureBox failure={step.failure} />
          {step.operationId && <OperationLink operationId={step.operationId} onOpen={close} />}
        </>
      )}
      {step.name === "unknown" && (
        <div class="notice warn" role="alert">
          <p>
            <strong>{T.move.unknown}</strong> {texts.summary(money(step.intent.amount, currency), userId)}
          </p>
          {step.intent.caller === session.caller ? (
            <>
              <p>{T.move.unknownHint}</p>
              {/* Of the last attempt alone: an earlier one may have been accepted. */}
              {step.failure && <FailureCode failure={step.failure} />}
              <button type="button" class="primary" onClick={() => void send(step.intent, false)}>
                {T.move.askAgain}
              </button>
            </>
          ) : (
            <p>{T.move.otherCaller(step.intent.caller)}</p>
          )}
        </div>
      )}
      {step.name !== "form" && step.name !== "pending" && (
        <p class="buttons">
          <FocusedButton key={step.name} onClick={close}>
            {T.close}
          </FocusedButton>
        </p>
      )}
    </Dialog>
  );
}

/** The part of the dialog that had the focus is gone. */
function FocusedButton({ onClick, children }: { onClick(): void; children: string }) {
  const ref = useRef<HTMLButtonElement>(null);
  useEffect(() => ref.current!.focus(), []);
  return (
    <button type="button" ref={ref} onClick={onClick}>
      {children}
    </button>
  );
}

function OperationLink({ operationId, onOpen }: { operationId: string; onOpen(): void }) {
  return (
    <p>
      <a href={formatRoute("operation", operationId)} onClick={onOpen}>
        {T.move.open}
      </a>
    </p>
  );
}
