import { useState } from "preact/hooks";
import { T } from "./texts.ts";
import { parseToken, type Session } from "./token.ts";

/** Takes a token. `expired` is the session that needs a new one; its view stays as it is behind the dialog. */
export function SignIn({ expired, onSession }: { expired?: Session; onSession(session: Session): void }) {
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  return (
    <form
      class="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        const session = parseToken(text);
        if (session) onSession(session);
        else setError(T.signIn.invalid);
      }}
    >
      <p>{expired ? T.signIn.expired : T.signIn.intro}</p>
      <label>
        {T.signIn.token}
        <input
          class="secret"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={text}
          aria-invalid={error !== ""}
          aria-describedby="sign-in-hint"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <p id="sign-in-hint" class={error ? "error" : "fine"} role={error ? "alert" : undefined}>
        {error || T.signIn.hint}
      </p>
      <button type="submit" class="primary">
        {T.signIn.submit}
      </button>
    </form>
  );
}
