import { expect, test } from "bun:test";
import { userWith } from "../support/api/funds.ts";
import { moneyOf, readReservation, settle } from "../support/api/reservations.ts";
import { reservation, uniqueOrder } from "../support/ledger/reservationOperations.ts";
import { startCarrier } from "../support/temporal/startCarrier.ts";
import { openWebUi } from "../support/temporal/webUi.ts";
import { awaitSleep } from "../support/temporal/workflowView.ts";

test("of two sagas that carry one request, as after a crash, the first watches; the other ends, and so does the first once it is settled", async () => {
  const webUi = await openWebUi();
  try {
    const userId = await userWith("10.00");
    const asked = reservation(uniqueOrder(userId), "4.00");
    const [first, other] = [1, 2].map(() => webUi.client.workflow.getHandle(`reservation-${crypto.randomUUID()}`));
    await startCarrier(webUi.client, first!.workflowId, [asked]);
    await awaitSleep(first!);
    await startCarrier(webUi.client, other!.workflowId, [asked]);
    await other!.result();
    expect(await moneyOf(userId)).toBe("6.00 + 4.00");

    await settle(asked.operationId, "recognitions");
    await first!.result();
    expect(await readReservation(asked.operationId)).toMatchObject({ state: "settled", recognized: "4.00" });
    expect(await moneyOf(userId)).toBe("6.00 + 0.00");
  } finally {
    await webUi.close();
  }
}, 20_000);
