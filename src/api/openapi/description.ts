import { PROBLEMS } from "../http/problems.ts";

const ERRORS = Object.entries(PROBLEMS).map(([code, { status, title }]) => `| ${status} | \`${code}\` | ${title} |`);

/** What a reader of the document should know before the first route. */
export const DESCRIPTION = `Users' balances. Every operation that moves money is carried by a workflow: the answer is 202 at once, or, with
\`Prefer: wait=N\`, the finished operation. **202 is not success**: deliver nothing before \`completed\`.

Send an \`Idempotency-Key\` with each operation and repeat it with every retry: the same key is the same operation, once, with the same
outcome, for ever. Amounts are decimal strings, times are RFC 3339 in UTC. Lists are pages: send \`nextCursor\` as \`cursor\` until it is null.

Press **Authorize** and paste the token that \`./dev token\` prints. The examples can be tried as they stand, from the top down (only the
release by fields then comes too late: all is recognized). For another operation take another key.

Errors are RFC 9457 problems (\`application/problem+json\`). Decide on the \`code\`, which is stable:

<details><summary>All codes</summary>

| status | code | meaning |
|---|---|---|
${ERRORS.join("\n")}

</details>`;
