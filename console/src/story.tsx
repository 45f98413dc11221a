import type { ComponentChildren } from "preact";
import { Time } from "./parts.tsx";

/** One step of a story. `at` is absent where its time is not known, or it is still to come. */
export type Step = {
  id: string;
  at?: string | undefined;
  title: string;
  text?: ComponentChildren;
  tone: "good" | "bad" | "warn" | "";
  route?: string | undefined;
};

/** The steps in the order of time. */
export function Story({ steps }: { steps: Step[] }) {
  return (
    <ol class="story">
      {steps.map(({ id, at, title, text, tone, route }) => (
        <li key={id} class={tone}>
          <strong>{route ? <a href={route}>{title}</a> : title}</strong>
          {at && <Time at={at} />}
          {text && <p>{text}</p>}
        </li>
      ))}
    </ol>
  );
}
