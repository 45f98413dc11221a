import { addAmounts, toMinor } from "./amounts.ts";
import { formatCount, money } from "./format.ts";
import { Name } from "./parts.tsx";
import type { RevenueLine } from "./revenue.ts";
import { T } from "./texts.ts";

/** More bars are no longer compared at a glance. The rest is one bar. */
const BARS_MAX = 12;
/** Room for the amount behind the longest bar. */
const SUM_PX = 170;

/** A bar for each service, the largest first. Refunds that exceed the revenue make a bar to the other side. */
export function RevenueBars({ lines, currency }: { lines: RevenueLine[]; currency: string }) {
  const sorted = lines.toSorted((a, b) => Number(toMinor(b.total) - toMinor(a.total)));
  const rest = sorted.slice(BARS_MAX);
  const bars =
    rest.length === 0
      ? sorted
      : [
          ...sorted.slice(0, BARS_MAX),
          { name: T.month.others(formatCount(rest.length)), total: addAmounts(...rest.map(({ total }) => total)) },
        ];
  const size = (total: string) => Math.abs(Number(toMinor(total)));
  const largest = Math.max(1, ...bars.map(({ total }) => size(total)));
  return (
    <table class="bars">
      <caption class="hidden">{T.month.byService}</caption>
      <thead class="hidden">
        <tr>
          <th scope="col">{T.fields.serviceName}</th>
          <th scope="col">{T.month.total}</th>
        </tr>
      </thead>
      <tbody>
        {bars.map(({ name, total }, index) => (
          <tr key={index}>
            <th scope="row">
              <Name>{name}</Name>
            </th>
            <td>
              <span
                class={total.startsWith("-") ? "bar-of negative" : "bar-of"}
                style={{ width: `calc((100% - ${SUM_PX}px) * ${size(total) / largest})` }}
              />
              <span class="sum">{money(total, currency)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
