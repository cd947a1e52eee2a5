/** docs/verdict.md: the verdicts and their reasons, with the hold times of the code. */

import { PAIR_REASON_TEXTS, VERDICT_MEANINGS } from "../../src/codes/pair_reasons.ts";
import { PAIR_REASONS, type PairReasonCode } from "../../src/status/verdicts.ts";
import { table } from "./fresh.ts";

export function verdictText(): string {
  const rows = Object.entries(PAIR_REASONS).map(([code, { verdict, holdMs }]) => {
    const { meaning, remedy } = PAIR_REASON_TEXTS[code as PairReasonCode];
    return [`\`${code}\``, `\`${verdict}\``, `${holdMs / 1000} s`, meaning, remedy];
  });
  const verdicts = Object.entries(VERDICT_MEANINGS).map((
    [name, meaning],
  ) => [`\`${name}\``, meaning]);
  return `# The verdict on the pair

Is the service safe? vipd answers for each instance with one verdict, from what this node and its
\`peers\` report. Both nodes work it out, each from its own view. It is in \`pair\` of the status, in
\`GET /v1/pair\` ([api.md](api.md#get-v1pair)), in the metrics \`vipd_pair_verdict\` and
\`vipd_pair_reason\`, and in journal entries with the code \`verdict_changed\`. Written from the code
(\`UPDATE_GOLDEN=1 deno test -A tests/docs\`); do not edit.

${table(["verdict", "meaning"], verdicts)}
## Reasons

The gravest first: the first one decides the verdict and is in the sentence. A fact that is not
known, such as one that an older vipd does not report, is never a reason. With several standbys, one
that is ready is enough.

A reason counts after it has lasted for the time in the table, so that a hand-over, a reload or a
restart of vipd on one node is no news. If \`advert_interval\` is longer than a second, each time is
longer by what it exceeds the second. A reason that is over stays for one more second. The codes are
stable.

${table(["code", "verdict", "after", "meaning", "what to do"], rows)}
A node that has just started has the verdict \`unverified\` and no reasons until it knows better.
`;
}
