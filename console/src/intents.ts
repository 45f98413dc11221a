import { randomId } from "./api.ts";

/**
 * A refund or a release that was asked for, and has no known outcome yet.
 *
 * It has one key from the first click on, kept in the tab's storage. So a second click, or a click after a reload, is
 * the same operation. A key belongs to its caller: with another token it would be another operation.
 */
export type Intent = { caller: string; key: string; amount: string; comment: string };

export type Action = "refund" | "release";

const nameOf = (action: Action, id: string) => `saldo.${action}.${id}`;

export function loadIntent(action: Action, id: string): Intent | undefined {
  const text = sessionStorage.getItem(nameOf(action, id));
  return text === null ? undefined : (JSON.parse(text) as Intent);
}

export function createIntent(action: Action, id: string, fields: Omit<Intent, "key">): Intent {
  const intent = { ...fields, key: `console-${randomId()}` };
  sessionStorage.setItem(nameOf(action, id), JSON.stringify(intent));
  return intent;
}

/** Forgets the intent with this key, once its outcome is known. A later one may have taken its place. */
export function endIntent(action: Action, id: string, key: string): void {
  if (loadIntent(action, id)?.key === key) sessionStorage.removeItem(nameOf(action, id));
}
