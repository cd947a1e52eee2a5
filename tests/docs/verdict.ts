/** docs/verdict.md: the verdicts and their reasons, with the hold times of the code. */

import { sentence } from "../../src/codes/explanation.ts";
import { PAIR_REASON_TEXTS, VERDICT_MEANINGS } from "../../src/codes/pair_reasons.ts";
import { PAIR_REASONS, type PairReasonCode } from "../../src/status/codes/verdicts.ts";
import { table } from "./fresh.ts";

export function verdictText(): string {
  const reasons = Object.entries(PAIR_REASONS).map(([code, { verdict, holdMs }]) => {
    const after = holdMs === 0 ? "at once" : `after ${holdMs / 1000} s`;
    return { code, verdict, after, ...PAIR_REASON_TEXTS[code as PairReasonCode] };
  });
  const rows = reasons.map(({ code, verdict, after }) => [
    `[\`${code}\`](#${code})`,
    `\`${verdict}\`, ${after}`,
  ]);
  const sections = reasons.map(({ code, verdict, after, meaning, remedy }) =>
    `### \`${code}\`

\`${verdict}\`, ${after}. ${sentence(meaning)}

Remedy: ${remedy}.
`
  );
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

The gravest first: the first one decides the verdict and is in the sentence. With several standbys,
one that is ready is enough. A standby is ready if it says that it hears the master, and nothing
speaks against it. A standby with vipd 0.1.0 says too little, so it is \`unverified\`
(\`peer_older\`); as master such a node says enough.

A reason counts after it has lasted for the time in the table, so that a hand-over, a reload or a
restart of vipd on one node is no news. \`nginx_stale\` waits ten seconds for a person who edits files
and then reloads nginx. Two are shorter: a check that has failed has lasted for its
\`fall\` already, so \`standby_fault\` and \`standby_unwell\` for checks alone count after 0.5 s; and
\`nobody_serves\` counts after 1.25 s if all nodes are in fault, because none of them takes over. If \`advert_interval\` is longer than a second, each time is
longer by what it exceeds the second. A reason that is over stays for one more second. A machine
that refused connections within the last ten seconds counts as refusing them while its API is
silent. After a move, \`protected\` stays until the new verdict is known; the sentence says who serves now,
and that it is not known yet whether another node is ready. After five seconds of that the verdict is
\`unverified\`. Another verdict than \`protected\` is \`unverified\` at once after a move: its reasons
were about the node that served before. The five seconds count once more from the moment at which a peer answers again whose engine was
restarted, and had not died: on a busy machine that takes longer. The codes are stable.

So a verdict turns within five seconds of its cause, with \`advert_interval\` of up to a second; for
\`nginx_stale\` and \`nginx_unloadable\` the cause is there when vipd looks at the files, every two
seconds, and \`nginx_stale\` takes seven more. A
check of the standby takes its own time first: \`fall * interval + timeout\` at most
([checks.md](checks.md#rise-and-fall)). The standby knows the failure then, and the master at most
2.1 s later: a second until it asks the standby again, half a second that the reason must last, and
half a second until its next look. With \`fall: 2\`, \`interval: 1s\` and a server that refuses connections
that is 4.1 s; with \`interval: 2s\` it is 6.1 s. The death of a watched process counts at once.

${table(["reason", "verdict, and when it counts"], rows)}
${sections.join("\n")}
## The client check

A backup asks the virtual address as a client: every two seconds, after a failure again within half
a second. A question fails if there is no connection, or no beginning of an answer, within 1.5 s.
Any answer counts: whatever its status, and with https whatever the certificate. The front asks, so
that the engine waits for nobody.

The question follows from the checks under \`track\`: port, path and host of the first http check, or
else the port of the first tcp check, that asks this node's own server, by a loopback address,
\`source_address\` or a virtual address. Reversed tracks do not count. A failure of such a question
counts only after the address has answered it once since vipd started; until then the verdict is
\`unverified\` (\`client_check_unknown\`). \`client_check\` of the instance sets another question, or
\`off\` ([configuration.md](configuration.md#the-client-check)).

The answer is in \`client_check\` of the status, on the page and in \`vipd status\`, with its age. It is
not known while this node is not backup, while it has the address itself, while the master's adverts
are overdue, or if it is too old.

## Another machine with the address

A master asks the network for its addresses. If a machine answers that is none of the pair, or another
router advertises them, the alarm about it (\`address_conflict\` and others) stands on the master, and
the verdict is \`contested\` on both nodes, though all nodes of the pair answer. If a peer says that it
has the addresses, as in a partition, its word counts alone: \`two_holders\` or \`stray_address\`.

## An API that does not answer

A machine that refuses connections to the API runs no vipd, as a rule: its engine starts a front that
has ended again within a second. The verdict is \`unprotected\` (\`standby_stopped\`), also if only
the front is gone, as after \`systemctl stop vipd-front\`: nobody knows then whether that node would
serve. The same holds if the front of a standby answers that its engine does not. If there is no
answer at all, nothing is known: \`unverified\` (\`peer_silent\`). An API that answers and refuses the
token, or whose certificate is refused here, is not silent: \`unverified\` (\`peer_not_asked\`).

After \`vipd pair\` a node that runs also refuses, until \`vipd reload\` has run there: its API was open
to its own machine alone. The message names that cause as long as the API has never answered.

## The clocks

Each answer of a peer's API shows how far its clock is ahead of this node's (\`clock_offset_ms\` of
the peer in the status). Two clocks that differ by more than a second make logs of the two nodes hard
to compare, and signed adverts with \`replay: time\` fail if they differ by more than \`window\`.

## After a start

A node that has just started has the verdict \`unverified\` and no reasons until it knows better.
`;
}
