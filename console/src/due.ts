import { useEffect, useRef } from "preact/hooks";

const POLL_MS = 3_000;

/** Calls `read` every few seconds while a deadline has passed. So an expiry is shown once it is posted. */
export function useDue(deadlines: string[], read: () => void): void {
  const current = useRef({ deadlines, read });
  current.current = { deadlines, read };
  useEffect(() => {
    const timer = setInterval(() => {
      const { deadlines, read } = current.current;
      const isDue = deadlines.some((deadline) => Date.parse(deadline) < Date.now());
      // A dialog may belong to a row that the next read no longer has.
      if (isDue && !document.hidden && !document.querySelector("dialog[open]")) read();
    }, POLL_MS);
    return () => clearInterval(timer);
  }, []);
}
