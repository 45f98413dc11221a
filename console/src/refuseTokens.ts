import { T } from "./texts.ts";
import { parseToken } from "./token.ts";

/** Whether no field of a form holds a token. Its values become parts of the address. The browser shows the reason. */
export function hasNoToken(form: HTMLFormElement): boolean {
  for (const field of form.querySelectorAll("input")) {
    if (!parseToken(field.value)) continue;
    field.setCustomValidity(T.find.isToken);
    field.addEventListener("input", () => field.setCustomValidity(""), { once: true });
  }
  return form.reportValidity();
}
