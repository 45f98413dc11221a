import type { components } from "../../client/src/index.ts";
import { money } from "./format.ts";
import { T } from "./texts.ts";

type Report = components["schemas"]["BalancesReport"];

/** The money owed to users, as a sum that can be checked by hand. */
export function BalancesReport({ report }: { report: Report }) {
  const { opening, closing, deposits, withdrawals, revenue, refunds, currency } = report;
  const rows = [
    ["opening", "", opening.total],
    ["deposits", "+", deposits],
    ["withdrawals", "−", withdrawals],
    ["revenue", "−", revenue],
    ["refunds", "+", refunds],
  ] as const;
  return (
    <section class="card">
      <h2>{T.balances.title}</h2>
      <table class="ledger">
        <thead class="hidden">
          <tr>
            <th scope="col">{T.balances.item}</th>
            <th scope="col">{T.fields.amount}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, sign, amount]) => (
            <tr key={name}>
              <th scope="row">{T.balances[name]}</th>
              <td>
                {sign} {money(amount, currency)}
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              {T.balances.closing}
              <span class="fine">{T.balance(money(closing.available), money(closing.reserved))}</span>
            </th>
            <td>{money(closing.total, currency)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
