import { PROBLEMS } from "../http/problems.ts";

const ERRORS = Object.entries(PROBLEMS).map(([code, { status, title }]) => `| ${status} | \`${code}\` | ${title} |`);

/** The introduction of the document. */
export const DESCRIPTION = `Saldo holds the balances of users. A workflow carries every operation that moves money. The response is the
finished operation, or 202 if that takes longer than the wait: N seconds by \`Prefer: wait=N\`, else 5 by default.
**202 is not success**: deliver nothing before \`completed\`.

Send an \`Idempotency-Key\` with each operation, and the same key with every retry. The same key is the same operation:
it is applied once, and its outcome never changes. Amounts are decimal strings. Times are RFC 3339: in UTC in answers,
with any offset in parameters. Lists have pages: send \`nextCursor\` as \`cursor\` until it is null.

Any path of this document answers another method with \`405 method_not_allowed\` and \`Allow\`.

A \`400\` without a problem document comes from the HTTP parser below Saldo, and proves nothing: repeat the request with
the same key.

Press **Authorize** and paste the token that \`./dev token\` prints. The examples can be sent unchanged, from top to
bottom. Only the release by fields is then declined, since all the money is recognized by then. Another operation needs
another key.

Errors are RFC 9457 problems (\`application/problem+json\`). Decide on the \`code\`, which is stable. Where \`retryable\`
is true, with 429 and 5xx, repeat the request with the same key.

<details><summary>All codes</summary>

| status | code | meaning |
|---|---|---|
${ERRORS.join("\n")}

</details>`;
