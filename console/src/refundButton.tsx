import { useState } from "preact/hooks";
import { useSigned } from "./context.ts";
import { type Failure, toFailure } from "./failure.ts";
import { isZero } from "./format.ts";
import { loadIntent } from "./intents.ts";
import { type Move, MoveDialog } from "./moveDialog.tsx";
import { FailureBox } from "./parts.tsx";
import { T } from "./texts.ts";
import { fieldsOf } from "./types.ts";

type Props = {
  operationId: string;
  userId: string;
  currency: string;
  /** The recognition as a sentence. Many refunds may be offered side by side. */
  about: string;
  /** Whether a part is known not to be refunded yet. */
  isRefundable?: boolean;
  onChanged(): void;
};

/** Opens the refund of a recognition, with the part that is not refunded yet. */
export function RefundButton({ operationId, userId, currency, about, isRefundable = true, onChanged }: Props) {
  const { api, can } = useSigned();
  const [move, setMove] = useState<Move>();
  const [failure, setFailure] = useState<Failure>();
  const [isAllRefunded, setAllRefunded] = useState(false);
  const [isBusy, setBusy] = useState(false);
  if (!can("refunds:write", "funds:write")) return null;
  // An outcome that is shown, or not known yet, stays within reach.
  if (!isRefundable && !move && !loadIntent("refund", operationId)) return null;

  async function open(): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const path = { operationId };
      const operation = await api.read((http) => http.GET("/v1/operations/{operationId}", { params: { path } }));
      const amount = fieldsOf(operation).refundable ?? "0.00";
      if (isZero(amount) && !loadIntent("refund", operationId)) setAllRefunded(true);
      else setMove({ action: "refund", id: operationId, userId, amount, currency, about });
    } catch (error) {
      setFailure(toFailure(error));
    }
    setBusy(false);
  }

  return (
    <>
      {isAllRefunded ? (
        <span class="fine" role="status">
          {T.move.allRefunded}
        </span>
      ) : (
        // Disabled, it would lose the focus, which returns to it after the dialog.
        <button type="button" class="plain" aria-description={about} aria-disabled={isBusy} onClick={() => void open()}>
          {T.move.refund.open}
        </button>
      )}
      {failure && <FailureBox failure={failure} />}
      {move && (
        <MoveDialog
          move={move}
          onClose={(isChanged) => {
            setMove(undefined);
            if (isChanged) onChanged();
          }}
        />
      )}
    </>
  );
}
