import { useState } from "preact/hooks";
import { useSigned } from "./context.ts";
import { loadIntent } from "./intents.ts";
import { MoveDialog } from "./moveDialog.tsx";
import { T } from "./texts.ts";
import type { ReservationSummary } from "./types.ts";

type Props = { reservation: ReservationSummary; currency: string; onChanged(): void };

/** Opens the release of the remainder of an open reservation. */
export function ReleaseButton({ reservation, currency, onChanged }: Props) {
  const { can } = useSigned();
  const [isOpen, setOpen] = useState(false);
  const { reservationId: id, userId, serviceId, orderId, remaining: amount, state } = reservation;
  const about = T.reservation.about(serviceId, orderId);
  if (!can("reservations:write")) return null;
  // An outcome that is shown, or not known yet, stays within reach.
  if (state !== "open" && !isOpen && !loadIntent("release", id)) return null;
  return (
    <>
      <button type="button" class="plain" aria-description={about} onClick={() => setOpen(true)}>
        {T.move.release.open}
      </button>
      {isOpen && (
        <MoveDialog
          move={{ action: "release", id, userId, amount, currency, about }}
          onClose={(isChanged) => {
            setOpen(false);
            if (isChanged) onChanged();
          }}
        />
      )}
    </>
  );
}
