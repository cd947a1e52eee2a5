/**
 * The kinds of codes.
 *
 * @module
 */

/** Each kind of code: its name in a sentence, and where it is seen, in Markdown. */
export const CODE_KINDS = {
  alarm: {
    name: "alarm",
    seen: "At the top of `vipd status`, in `alarms` of `GET /v1/status`, as `code` of the metric " +
      "`vipd_alarms_active`.",
  },
  verdict: {
    name: "verdict on the pair",
    seen: "`verdict` in `GET /v1/pair` and of the metric `vipd_pair_verdict`.",
  },
  pair_reason: {
    name: "reason of the verdict",
    seen: "Below the verdict of `vipd status`, `code` in `reasons` of `GET /v1/pair`, and " +
      "`reason` of the metric `vipd_pair_reason`.",
  },
  journal: {
    name: "code of the journal",
    seen: "`code` in `vipd events`, `GET /v1/events`, the log and the metric " +
      "`vipd_journal_entries_total`.",
  },
  transition: {
    name: "reason of a transition",
    seen: "`reason` of an instance in `GET /v1/status`, of `transition` in the journal, and of " +
      "the metric `vipd_instance_transitions_total`.",
  },
  drop: {
    name: "reason to discard an advert",
    seen: "`reason` in entries with the code `packet_dropped`; keys of `counters.dropped`.",
  },
  problem: {
    name: "error of the API",
    seen: "`code` of an `application/problem+json` answer.",
  },
  diagnostic: {
    name: "problem of the configuration",
    seen: "In brackets at the end of a line of `vipd check`, and `code` in `vipd check --json`.",
  },
  doctor: {
    name: "finding of vipd doctor",
    seen: "In brackets at the end of a finding, and `code` in `vipd doctor --json`. Each comes " +
      "with the command that fixes it.",
  },
  listen_finding: {
    name: "finding of vipd listen",
    seen: "`finding` in `vipd listen --json`: what cannot be right about a virtual router.",
  },
  listen_change: {
    name: "change of vipd listen",
    seen: "`change` in `vipd listen --json`: what happened on the link.",
  },
  listen_reject: {
    name: "reason of vipd listen",
    seen: "`reason` of a rejected datagram in `vipd listen --json`.",
  },
  exit: { name: "exit code", seen: "How a command of vipd ends, `$?` in a shell." },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly seen: string }>>;

export type CodeKind = keyof typeof CODE_KINDS;

/** The place where a problem of the configuration is seen that only a running vipd finds, in Markdown. */
export const RELOAD_SEEN =
  "In brackets at the end of a line of `vipd reload`, `code` in `diagnostics` of the answer to " +
  "`POST /v1/reload`, and, after SIGHUP or `systemctl reload vipd`, in the entry `reload_failed` " +
  "of `vipd events`. `vipd check` does not show it.";
