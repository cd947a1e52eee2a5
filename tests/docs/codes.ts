/** docs/codes.md: every code that vipd shows, taken from the lists in the code. */

import { PROBLEM_STATUS } from "../../src/api/problem.ts";
import { EXIT_CODES_HELP } from "../../src/cli/text/help.ts";
import { DIAGNOSTIC_CODES } from "../../src/config/diagnostics.ts";
import { FINDINGS as DOCTOR_FINDINGS } from "../../src/doctor/finding.ts";
import type { ChangeCode } from "../../src/monitor/change.ts";
import type { FindingCode, RejectReason } from "../../src/monitor/findings.ts";
import { ALARMS } from "../../src/status/alarms.ts";
import { JOURNAL_CODES } from "../../src/status/journal_codes.ts";
import { DROP_MESSAGES, transitionMessage } from "../../src/status/messages.ts";
import type { TransitionReason } from "../../src/vrrp/router_events.ts";
import { table } from "./fresh.ts";
import { REASONS } from "./transitions.ts";

/** `vipd listen`: what cannot be right about a virtual router. */
const LISTEN_FINDINGS: Readonly<Record<FindingCode, string>> = {
  firewall_drops: "Adverts arrive, and the firewall of this machine drops them.",
  two_masters: "two routers are master at the same time",
  two_owners: "two routers say that they own the addresses (priority 255)",
  version_differs: "the routers speak different VRRP versions",
  interval_differs: "their advert intervals differ",
  addresses_differ: "their lists of addresses differ",
  authentication_differs: "their authentication types differ",
  password_differs: "their passwords differ",
  signature_differs: "one signs its adverts and the other does not, or with another key",
  checksum_form_differs: "their checksums cover different things",
  vrid_in_use: "two pairs, without an address in common, use the same VRID",
};

/** `vipd listen`: what happened on the link. */
const LISTEN_CHANGES: Readonly<Record<ChangeCode, string>> = {
  master_appeared: "a master was heard for the first time",
  master_changed: "another router is master now",
  master_released: "the master said goodbye (priority 0)",
  master_silent: "the master has been silent for Master_Down_Interval",
  advert_changed: "a router advertises something else than before",
  finding_began: "something cannot be right from now on; `finding` names it",
  finding_ended: "it is right again",
  rejected: "a datagram that no router accepts, with the reason",
};

/** Reasons of `vipd listen` alone, next to the reasons to discard an advert. */
const LISTEN_REJECTS: Readonly<Record<Exclude<RejectReason, keyof typeof DROP_MESSAGES>, string>> =
  { carp: "it is CARP, which shares the protocol number 112" };

/** The whole document. */
export function codesText(): string {
  return `# Codes

Every code that vipd shows, by where it is seen. Codes are stable: scripts and alert rules may rely
on them. Written from the code (\`UPDATE_GOLDEN=1 deno test -A tests/docs\`); do not edit.

## Alarms

At the top of \`vipd status\`, in \`alarms\` of \`GET /v1/status\`, as \`code\` of the metric
\`vipd_alarms_active\`. [alarms.md](alarms.md) says what each means and what to do.

${rows(["code", "severity"], ALARMS, (severity) => severity, (code) => `alarms.md#${code}`)}
## The journal

\`code\` in \`vipd events\`, \`GET /v1/events\`, the log and the metric
\`vipd_journal_entries_total\`. A warning about the configuration has the code of the
[diagnostic](#the-configuration).

${rows(["code", "what the entry reports"], JOURNAL_CODES)}
## Transitions

\`reason\` of an instance in \`GET /v1/status\`, of \`transition\` in the journal, and of the metric
\`vipd_instance_transitions_total\`. [how-it-works.md](how-it-works.md#states) shows the states that each joins.

${rows(["reason", "meaning"], reasons())}
## Discarded adverts

\`reason\` in entries with the code \`packet_dropped\`; keys of \`counters.dropped\`.

${rows(["reason", "meaning and remedy"], DROP_MESSAGES)}
## The API

\`code\` of an \`application/problem+json\` answer; meanings in [api.md](api.md#errors).

${rows(["code", "status"], PROBLEM_STATUS, String)}
## The configuration

In brackets at the end of a line of \`vipd check\`, and \`code\` in \`vipd check --json\`.

${rows(["code", "meaning"], DIAGNOSTIC_CODES)}
## vipd doctor

In brackets at the end of a finding, and \`code\` in \`vipd doctor --json\`. Each comes with the
command that fixes it.

${rows(["code", "meaning"], DOCTOR_FINDINGS)}
## vipd listen

Findings, and changes with \`--json\`:

${rows(["finding", "meaning"], LISTEN_FINDINGS)}
${rows(["change", "meaning"], LISTEN_CHANGES)}
A rejected datagram has one of the reasons [above](#discarded-adverts), or:

${rows(["reason", "meaning"], LISTEN_REJECTS)}
## Exit codes

${table(["code", "meaning"], EXIT_CODES_HELP.map(([code, meaning]) => [`${code}`, meaning]))}
`;
}

function reasons(): Record<string, string> {
  const meaning = (reason: TransitionReason) => transitionMessage(reason, "");
  return Object.fromEntries(REASONS.map((reason) => [reason, meaning(reason)]));
}

/** One row for each code, by the alphabet. */
function rows<T>(
  head: readonly string[],
  codes: Readonly<Record<string, T>>,
  text: (value: T) => string = String,
  link: ((code: string) => string) | null = null,
): string {
  const sorted = Object.entries(codes).toSorted(([a], [b]) => a < b ? -1 : 1);
  const name = (code: string) => link ? `[\`${code}\`](${link(code)})` : `\`${code}\``;
  return table(head, sorted.map(([code, value]) => [name(code), text(value)]));
}
