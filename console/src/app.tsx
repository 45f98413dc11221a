import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { createApi } from "./api.ts";
import { type Signed, SignedContext } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { loadSession, storeSession } from "./session.ts";
import { Shell } from "./shell.tsx";
import { SignIn } from "./signIn.tsx";
import { T } from "./texts.ts";
import type { Scope, Session } from "./token.ts";

export function App() {
  const [session, setSession] = useState(loadSession);
  const accept = useCallback((next: Session | undefined) => {
    storeSession(next);
    setSession(next);
  }, []);
  if (session) {
    // Another caller's requests have other keys, so another caller gets a page of its own.
    return <SignedIn key={session.caller} first={session} onSession={accept} />;
  }
  return (
    <main class="welcome">
      <h1>{T.signIn.title}</h1>
      <SignIn onSession={accept} />
    </main>
  );
}

/** The page of one caller. Where the API refuses the token, requests wait until there is a new one. */
function SignedIn({ first, onSession }: { first: Session; onSession(session: Session | undefined): void }) {
  const [session, setSession] = useState(first);
  const [isExpired, setExpired] = useState(false);
  const renewal = useRef<PromiseWithResolvers<string> | undefined>(undefined);

  const api = useMemo(
    () =>
      createApi(first, () => {
        renewal.current ??= Promise.withResolvers<string>();
        setExpired(true);
        return renewal.current.promise;
      }),
    [first.caller],
  );

  function renew(next: Session): void {
    onSession(next);
    if (next.caller !== session.caller) return;
    setSession(next);
    setExpired(false);
    renewal.current?.resolve(next.token);
    renewal.current = undefined;
  }

  const signed = useMemo<Signed>(
    () => ({ session, api, can: (...anyOf: Scope[]) => anyOf.some((scope) => session.scopes.has(scope)) }),
    [session, api],
  );
  return (
    <SignedContext.Provider value={signed}>
      <Shell onSignOut={() => onSession(undefined)} />
      {isExpired && (
        <Dialog title={T.signIn.again}>
          <SignIn expired={session} onSession={renew} />
          <p class="buttons">
            <button type="button" onClick={() => onSession(undefined)}>
              {T.signOut}
            </button>
          </p>
        </Dialog>
      )}
    </SignedContext.Provider>
  );
}
