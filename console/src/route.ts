import { useEffect, useState } from "preact/hooks";

/** A place of the page, kept in the fragment of its address. Servers and their logs never receive it. */
export type Route = { view: string; id: string; query: URLSearchParams };

/** `#/user/anna?kind=deposit` */
export function parseRoute(fragment: string): Route {
  const [path = "", query = ""] = fragment.replace(/^#\/?/, "").split("?");
  const [view = "", id = ""] = path.split("/");
  return { view: view || "find", id: decode(id), query: new URLSearchParams(query) };
}

export function formatRoute(view: string, id = "", query: Record<string, string> = {}): string {
  const filled = Object.entries(query).filter(([, value]) => value !== "");
  const text = new URLSearchParams(filled).toString();
  return `#/${view}${id && `/${encodeURIComponent(id)}`}${text && `?${text}`}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function navigate(fragment: string): void {
  location.hash = fragment;
}

export function useRoute(): Route {
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const follow = () => setFragment(location.hash);
    addEventListener("hashchange", follow);
    // The fragment may have changed between the first drawing and this.
    follow();
    return () => removeEventListener("hashchange", follow);
  }, []);
  return parseRoute(fragment);
}
