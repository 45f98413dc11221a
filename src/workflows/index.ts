export { carrier } from "./carrier.ts";
export { reservation } from "./reservation.ts";
export { sweep } from "./sweep.ts";
