export { carrier } from "./carrier.ts";
export { sweep } from "./sweep.ts";
