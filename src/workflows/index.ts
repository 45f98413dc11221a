export { audit, audits } from "./audit.ts";
export { carrier } from "./carrier.ts";
export { reservation } from "./reservation.ts";
export { revenueReport } from "./revenueReport.ts";
export { sweep } from "./sweep.ts";
