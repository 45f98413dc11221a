import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { T } from "./texts.ts";

/** A modal dialog. The focus stays inside, and returns to its opener at the end. Escape closes it. */
export function Dialog(props: { title: string; onClose?: (() => void) | undefined; children: ComponentChildren }) {
  const { title, onClose, children } = props;
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current!;
    const opener = document.activeElement as HTMLElement | null;
    dialog.showModal();
    // By default the button that closes it would have the focus.
    dialog.querySelector<HTMLElement>("form input, form textarea")?.focus();
    return () => {
      dialog.close();
      opener?.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClose={() => {
        // Chromium closes a dialog at the second Escape, also one that must stay open.
        if (!ref.current?.isConnected) return;
        if (onClose) onClose();
        else ref.current.showModal();
      }}
    >
      <header>
        <h2 id={titleId}>{title}</h2>
        {onClose && (
          <button type="button" class="plain" aria-label={T.close} onClick={onClose}>
            ✕
          </button>
        )}
      </header>
      {children}
    </dialog>
  );
}
