/** docs/verdict.md: the verdicts and their reasons, with the hold times of the code. */

import { PAIR_REASONS, type PairReasonCode } from "../../src/status/verdicts.ts";
import { table } from "./fresh.ts";

/** What each reason means, and what helps. */
const TEXTS: Readonly<Record<PairReasonCode, readonly [meaning: string, remedy: string]>> = {
  nobody_serves: [
    "no node is master: all peers answer, and none of them serves",
    "remove what keeps the nodes from serving; `vipd status` on each shows it",
  ],
  holder_silent: [
    "the standby's client check gets no answer from the virtual address",
    "look at the service on the master, or `vipd promote` on the standby",
  ],
  two_holders: [
    "two nodes are master",
    "let VRRP pass between the nodes",
  ],
  stray_address: [
    "a node that is not master has an address that vipd did not add",
    "remove it where the message says, and from that machine's network configuration",
  ],
  standby_deaf: [
    "the standby hears no adverts of the master",
    "let protocol 112 pass: firewalls, switch",
  ],
  standby_stopped: [
    "the standby's machine refuses connections to its API",
    "start vipd there; `systemctl status vipd` says why it ended",
  ],
  standby_missing: ["the standby has no such instance", "add it there, then `vipd reload`"],
  standby_fault: [
    "the standby is in fault or has not started",
    "remove the cause, which the message names",
  ],
  standby_unwell: [
    "a check of the standby fails, or it is held back after too many moves",
    "`vipd status` there shows what lowers its priority",
  ],
  standby_demoted: ["a person has demoted the standby", "`vipd release` there"],
  settings_differ: [
    "VRID, version, advert interval, authentication or addresses differ",
    "make them the same, then `vipd reload` on both",
  ],
  weight_too_small: [
    "even with all checks failed, the master's priority stays above the standby's; the master reports it",
    "a larger weight, or none: then a failure is a fault",
  ],
  no_peer: [
    "`peers` names no other node, as next to keepalived",
    "name the other node's API in `peers`",
  ],
  peer_silent: [
    "the peer's API does not answer",
    "firewall, `url`, `token_file` and `ca` of `peers`",
  ],
  clock_offset: ["the nodes' clocks differ by more than a second", "chrony or systemd-timesyncd"],
};

export function verdictText(): string {
  const rows = Object.entries(PAIR_REASONS).map(([code, { verdict, holdMs }]) => {
    const [meaning, remedy] = TEXTS[code as PairReasonCode];
    return [`\`${code}\``, `\`${verdict}\``, `${holdMs / 1000} s`, meaning, remedy];
  });
  return `# The verdict on the pair

Is the service safe? vipd answers for each instance with one verdict, from what this node and its
\`peers\` report. Both nodes work it out, each from its own view. It is in \`pair\` of the status, in
\`GET /v1/pair\` ([api.md](api.md#get-v1pair)), in the metrics \`vipd_pair_verdict\` and
\`vipd_pair_reason\`, and in journal entries with the code \`verdict_changed\`. Written from the code
(\`UPDATE_GOLDEN=1 deno test -A tests/docs\`); do not edit.

${
    table(["verdict", "meaning"], [
      ["`protected`", "one node serves, and at least one standby is ready to take over"],
      ["`unverified`", "one node serves, but nothing is known of a standby"],
      ["`unprotected`", "one node serves, but nobody takes over if it fails"],
      ["`contested`", "two nodes have the addresses"],
      ["`unserved`", "no node has the addresses, or the one that has does not answer"],
    ])
  }
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
