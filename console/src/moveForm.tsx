import { useEffect, useRef, useState } from "preact/hooks";
import { money } from "./format.ts";
import type { Move } from "./moveDialog.tsx";
import { Name } from "./parts.tsx";
import { T } from "./texts.ts";

const COMMENT_MAX = 255;

export type Typed = { amount: string; comment: string };

/** A value that cannot be sent. */
export type FieldError = { field: keyof Typed; text: string };

/** `typed` are the values of a refused request. */
export function MoveForm(props: {
  move: Move;
  typed: Typed | undefined;
  onSubmit(typed: Typed): FieldError | undefined;
  onCancel(): void;
}) {
  const { move, typed, onSubmit, onCancel } = props;
  const texts = T.move[move.action];
  const form = useRef<HTMLFormElement>(null);
  // After a refusal the dialog is open already. Its focus was in a part that is gone.
  useEffect(() => form.current!.querySelector("input")!.focus(), []);
  const [isAll, setAll] = useState(typed === undefined || typed.amount === move.amount);
  const [amount, setAmount] = useState(isAll ? "" : (typed?.amount ?? ""));
  const [comment, setComment] = useState(typed?.comment ?? "");
  const [error, setError] = useState<FieldError>();
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        setError(onSubmit({ amount: isAll ? move.amount : amount, comment }));
      }}
    >
      <p>
        {texts.intro} <Name>{move.userId}</Name>
      </p>
      <p class="fine">
        <Name>{move.about}</Name>
      </p>
      <fieldset>
        <legend>{T.move.amount}</legend>
        <label class="choice">
          <input type="radio" name="part" checked={isAll} onChange={() => setAll(true)} />
          {T.move.all(money(move.amount, move.currency))}
        </label>
        <label class="choice">
          <input type="radio" name="part" checked={!isAll} onChange={() => setAll(false)} />
          {T.move.part}
        </label>
        {!isAll && (
          <label>
            {T.move.partAmount(move.currency)}
            <input
              inputMode="decimal"
              autocomplete="off"
              value={amount}
              aria-invalid={error?.field === "amount"}
              aria-describedby="amount-error"
              onInput={(event) => setAmount(event.currentTarget.value)}
            />
          </label>
        )}
        <ErrorLine id="amount-error" text={error?.field === "amount" ? error.text : ""} />
      </fieldset>
      <label>
        {T.move.reason}
        <textarea
          rows={2}
          required
          maxLength={COMMENT_MAX}
          value={comment}
          aria-invalid={error?.field === "comment"}
          aria-describedby="reason-error reason-hint"
          onInput={(event) => setComment(event.currentTarget.value.replaceAll(/[\r\n\t]+/g, " "))}
        />
      </label>
      <ErrorLine id="reason-error" text={error?.field === "comment" ? error.text : ""} />
      <p id="reason-hint" class="fine">
        {T.move.reasonHint}
      </p>
      <p class="buttons">
        <button type="submit" class="primary">
          {texts.submit}
        </button>
        <button type="button" onClick={onCancel}>
          {T.cancel}
        </button>
      </p>
    </form>
  );
}

function ErrorLine({ id, text }: { id: string; text: string }) {
  return (
    <p id={id} class="error" role={text ? "alert" : undefined}>
      {text}
    </p>
  );
}
