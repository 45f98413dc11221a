import { useRef } from "preact/hooks";
import { WINDOW_MS } from "./metrics.ts";
import { T } from "./texts.ts";
import { useWidth } from "./width.ts";

const HEIGHT = 72;

/** A small line of the last minutes, with its largest value. */
export function Trend(props: {
  title: string;
  points: [atMs: number, value: number][];
  format(value: number): string;
}) {
  const { title, points, format } = props;
  const ref = useRef<HTMLDivElement>(null);
  const width = useWidth(ref);
  const top = Math.max(0, ...points.map(([, value]) => value));
  const highest = top === 0 ? T.health.noRequests : T.health.top(format(top));
  const endMs = points.at(-1)?.[0] ?? 0;
  const line = points
    .map(([atMs, value], index) => {
      const x = width - ((endMs - atMs) / WINDOW_MS) * width;
      const y = HEIGHT - 2 - (top === 0 ? 0 : value / top) * (HEIGHT - 6);
      return `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
  return (
    <figure class="card trend">
      <figcaption>
        {title} <span class="fine">{highest}</span>
      </figcaption>
      <div ref={ref}>
        <svg width={width} height={HEIGHT} role="img" aria-label={`${title}: ${highest}`}>
          <line class="axis" x1="0" x2={width} y1={HEIGHT - 1} y2={HEIGHT - 1} />
          <path class="line available" d={line} />
        </svg>
      </div>
    </figure>
  );
}
