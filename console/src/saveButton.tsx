import { useState } from "preact/hooks";
import { type Failure, toFailure } from "./failure.ts";
import { FailureBox } from "./parts.tsx";

/** Saves a file at a click, which `save` reads. Shows its failure. */
export function SaveButton({ label, save }: { label: string; save(): Promise<void> }) {
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);

  async function start(): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setFailure(undefined);
    await save().catch((error: unknown) => setFailure(toFailure(error)));
    setBusy(false);
  }
  return (
    <>
      {/* Disabled, it would lose the focus. */}
      <button type="button" aria-disabled={isBusy} onClick={() => void start()}>
        {label}
      </button>
      {failure && <FailureBox failure={failure} />}
    </>
  );
}
