import { useState } from "preact/hooks";
import { money } from "./format.ts";
import type { Move } from "./moveDialog.tsx";
import { Name } from "./parts.tsx";
import { T } from "./texts.ts";

const COMMENT_MAX = 255;

/** `onSubmit` returns the error of the amount, if it has one. */
export function MoveForm(props: {
  move: Move;
  onSubmit(typed: { amount: string; comment: string }): string | undefined;
  onCancel(): void;
}) {
  const { move, onSubmit, onCancel } = props;
  const texts = T.move[move.action];
  const [isAll, setAll] = useState(true);
  const [amount, setAmount] = useState("");
  const [comment, setComment] = useState("");
  const [error, setError] = useState<string>();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setError(onSubmit({ amount: isAll ? move.amount : amount, comment }));
      }}
    >
      <p>
        {texts.intro} <Name>{move.userId}</Name>
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
              aria-invalid={error !== undefined}
              aria-describedby="amount-error"
              onInput={(event) => setAmount(event.currentTarget.value)}
            />
          </label>
        )}
        <p id="amount-error" class="error" role={error ? "alert" : undefined}>
          {error}
        </p>
      </fieldset>
      <label>
        {T.move.reason}
        <textarea
          rows={2}
          required
          maxLength={COMMENT_MAX}
          value={comment}
          aria-describedby="reason-hint"
          onInput={(event) => setComment(event.currentTarget.value.replaceAll(/[\r\n\t]+/g, " "))}
        />
      </label>
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
