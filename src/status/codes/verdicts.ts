/**
 * The verdicts on a pair and the reasons that there are for them.
 *
 * @module
 */

/** The gravest first. */
export const VERDICTS = [
  "unserved",
  "contested",
  "unprotected",
  "unverified",
  "protected",
] as const;

/**
 * Every reason in order of weight, with the verdict that it leads to and how long it must last before it counts, in
 * milliseconds. The codes are stable.
 */
export const PAIR_REASONS = {
  /** Nobody holds the addresses, as far as this node and its peers know. */
  nobody_serves: { verdict: "unserved", holdMs: 2500 },
  /** The master does not answer clients: the standby's client check fails. */
  holder_silent: { verdict: "unserved", holdMs: 1000 },
  /** Two nodes are master. */
  two_holders: { verdict: "contested", holdMs: 2500 },
  /** A node that is not master has an address; the alarm `address_on_backup` has waited long enough before. */
  stray_address: { verdict: "contested", holdMs: 0 },
  /** Another machine has an address too, by what is seen on the link; the alarm has waited long enough before. */
  address_conflict: { verdict: "contested", holdMs: 0 },
  /** Clients of some names fail now: nginx on the node that serves lacks them, or their certificates have expired. */
  serves_less: { verdict: "unprotected", holdMs: 3000 },
  /** A node's firewall drops its adverts on their way out: nobody hears that it serves. */
  adverts_blocked: { verdict: "unprotected", holdMs: 1500 },
  /** The standby hears no adverts of the master. */
  standby_deaf: { verdict: "unprotected", holdMs: 500 },
  /** The standby's front answers that its engine does not. */
  standby_stopped: { verdict: "unprotected", holdMs: 3000 },
  /** The standby has no such instance. */
  standby_missing: { verdict: "unprotected", holdMs: 3000 },
  /** The standby is in fault or has not started. */
  standby_fault: { verdict: "unprotected", holdMs: 3000 },
  /** A check of the standby fails: it would not serve, or only if nobody else does. */
  standby_unwell: { verdict: "unprotected", holdMs: 3000 },
  standby_demoted: { verdict: "unprotected", holdMs: 3000 },
  /** The lists of addresses or other settings that must agree do not. */
  settings_differ: { verdict: "unprotected", holdMs: 3000 },
  /** The standby's nginx would not serve all names as the other node's does. */
  rehearsal_failed: { verdict: "unprotected", holdMs: 3000 },
  /** No failure of the checks can make the other node take over. */
  weight_too_small: { verdict: "unprotected", holdMs: 3000 },
  /** No peer's API is configured. */
  no_peer: { verdict: "unverified", holdMs: 0 },
  /** The peer's API does not answer. */
  peer_silent: { verdict: "unverified", holdMs: 3000 },
  /** This node cannot ask the peer's API. */
  peer_not_asked: { verdict: "unverified", holdMs: 3000 },
  /** The standby's vipd is too old to say all that makes a standby ready. */
  peer_older: { verdict: "unverified", holdMs: 3000 },
  /** The standby has no answer of the address, as a client, to judge by. */
  client_check_unknown: { verdict: "unverified", holdMs: 3000 },
  /** nginx could not load the files that it has not loaded: its last reload failed, or the next one will. */
  nginx_unloadable: { verdict: "unverified", holdMs: 3000 },
  /**
   * nginx serves by older files than there are: its last reload failed, or there was none. So long, people edit before
   * they reload.
   */
  nginx_stale: { verdict: "unverified", holdMs: 10_000 },
  /** The standby's nginx could not be asked for every name. */
  not_rehearsed: { verdict: "unverified", holdMs: 3000 },
  /** A certificate expires soon, or has expired on the standby and the other node has no better one. */
  certificate_expires: { verdict: "unverified", holdMs: 3000 },
  /** The nodes' clocks differ by more than a second. */
  clock_offset: { verdict: "unverified", holdMs: 3000 },
} as const satisfies Readonly<
  Record<string, { readonly verdict: (typeof VERDICTS)[number]; readonly holdMs: number }>
>;

export type PairReasonCode = keyof typeof PAIR_REASONS;

/** The reasons that the comparison of rehearsals gives. */
export const REHEARSAL_CODES = [
  "serves_less",
  "rehearsal_failed",
  "nginx_unloadable",
  "nginx_stale",
  "not_rehearsed",
  "certificate_expires",
] as const satisfies readonly PairReasonCode[];

/** The ones that count for a node that serves, and for one that does not. */
export const REHEARSAL_CODES_OF: Readonly<
  Record<"serving" | "standby", readonly (typeof REHEARSAL_CODES)[number][]>
> = {
  serving: ["serves_less", "nginx_unloadable", "nginx_stale", "certificate_expires"],
  standby: [
    "rehearsal_failed",
    "nginx_unloadable",
    "nginx_stale",
    "not_rehearsed",
    "certificate_expires",
  ],
};
