import { useEffect, useState } from "preact/hooks";
import { useSigned } from "./context.ts";
import { findMatches } from "./findMatches.ts";
import { useLoad } from "./load.ts";
import { Empty, FailureBox, Loading, Name } from "./parts.tsx";
import { hasNoToken } from "./refuseTokens.ts";
import { formatRoute, navigate } from "./route.ts";
import { T } from "./texts.ts";

/** The search field in the head of the page. */
export function SearchField() {
  const [text, setText] = useState("");
  return (
    <search>
      <form
        class="search"
        onSubmit={(event) => {
          event.preventDefault();
          const query = text.trim();
          if (query === "") return;
          if (!hasNoToken(event.currentTarget)) return;
          setText("");
          navigate(formatRoute("find", query));
        }}
      >
        <label class="hidden" for="search">
          {T.find.field}
        </label>
        <input
          id="search"
          type="search"
          placeholder={T.find.placeholder}
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit">{T.find.submit}</button>
      </form>
    </search>
  );
}

/** Opens the only match of a text, or lists all of them. */
export function Find({ text, query }: { text: string; query: URLSearchParams }) {
  return text === "" ? <Welcome /> : <Matches text={text} caller={query.get("caller") ?? ""} />;
}

function Welcome() {
  const { can } = useSigned();
  const kinds = T.find.kinds.filter(({ scope }) => can(...scope));
  return (
    <section class="narrow">
      <h1>{T.find.title}</h1>
      <p>{T.find.intro}</p>
      <dl class="fields card">
        {kinds.map(({ name, example }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{example}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Matches({ text, caller }: { text: string; caller: string }) {
  const { api, can } = useSigned();
  const { data, failure, reload } = useLoad(`${text}\n${caller}`, () => findMatches(api, can, text, caller));
  useEffect(() => {
    // Replaces the search in the history, so that Back leads to the view before it.
    if (data?.length === 1) location.replace(data[0]!.route);
  }, [data]);
  if (failure) return <FailureBox failure={failure} retry={reload} />;
  if (!data || data.length === 1) return <Loading />;
  return (
    <section class="narrow">
      <h1>
        {data.length === 0 ? T.find.nothing : T.find.several} <Name>{T.quoted(text)}</Name>
      </h1>
      {data.length === 0 && <Empty title={T.find.nothingTitle}>{T.find.nothingHint}</Empty>}
      <ul class="matches">
        {data.map(({ route, kind, note }) => (
          <li key={route}>
            <a href={route}>{T.find.match[kind]}</a> <span class="fine">{note}</span>
          </li>
        ))}
      </ul>
      {can("operations:read") && <CallerField text={text} caller={caller} />}
    </section>
  );
}

/** A key names an operation only together with the caller that made it. */
function CallerField({ text, caller }: { text: string; caller: string }) {
  const [value, setValue] = useState(caller);
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        if (hasNoToken(event.currentTarget)) navigate(formatRoute("find", text, { caller: value.trim() }));
      }}
    >
      <label>
        {T.find.caller}
        <input
          value={value}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
      </label>
      <button type="submit">{T.find.submit}</button>
    </form>
  );
}
