import { expect, test } from "bun:test";
import { userWith } from "../support/api/funds.ts";
import { moneyOf, readReservation, settle } from "../support/api/reservations.ts";
import { reservation, uniqueOrder } from "../support/ledger/reservationOperations.ts";
import { startCarrier } from "../support/temporal/startCarrier.ts";
import { openWebUi } from "../support/temporal/webUi.ts";
import { awaitSleep } from "../support/temporal/workflowView.ts";

test("of two sagas with one request, the first watches until it is settled, and the other ends at once", async () => {
  const webUi = await openWebUi();
  try {
    const userId = await userWith("10.00");
    const reserved = reservation(uniqueOrder(userId), "4.00");
    const [first, other] = [1, 2].map(() => webUi.client.workflow.getHandle(`reservation-${crypto.randomUUID()}`));
    await startCarrier(webUi.client, first!.workflowId, [reserved]);
    await awaitSleep(first!);
    await startCarrier(webUi.client, other!.workflowId, [reserved]);
    await other!.result();
    expect(await moneyOf(userId)).toBe("6.00 + 4.00");

    await settle(reserved.operationId, "recognitions");
    await first!.result();
    expect(await readReservation(reserved.operationId)).toMatchObject({ state: "settled", recognized: "4.00" });
    expect(await moneyOf(userId)).toBe("6.00 + 0.00");
  } finally {
    await webUi.close();
  }
}, 20_000);
