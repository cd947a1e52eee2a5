/**
 * The alarms that there are.
 *
 * @module
 */

/**
 * Every alarm there is, and how grave it is: `error` when clients are or will be served wrongly, `warning` when they
 * may be. The codes are stable; docs/alarms.md says what to do about each.
 */
export const ALARMS = {
  fault: "error",
  split_brain_advert: "error",
  split_brain_address: "error",
  address_conflict: "error",
  adverts_not_sent: "error",
  peer_mismatch: "error",
  vrid_in_use: "error",
  vrid_differs: "error",
  peer_differs: "warning",
  address_on_backup: "error",
  serving_unwell: "error",
  flapping: "warning",
  crash_loop: "error",
  reload_failed: "warning",
  state_damaged: "warning",
  state_unwritable: "warning",
  journal_unwritable: "warning",
  refusal_failed: "error",
  resource_refused: "error",
  own_address: "error",
  virtual_mac_arp: "warning",
  notification_failed: "warning",
  api_down: "warning",
  certificate_ends: "warning",
  api_certificate_ends: "warning",
  unprotected: "warning",
  split_brain_peer: "error",
  peer_config_differs: "warning",
  peer_unreachable: "warning",
} as const satisfies Readonly<Record<string, "error" | "warning">>;

export type AlarmCode = keyof typeof ALARMS;

/** Two machines have the addresses, by what shows it. */
export const SPLIT_BRAIN_ALARMS = [
  "split_brain_advert",
  "split_brain_address",
  "split_brain_peer",
] as const satisfies readonly AlarmCode[];

/** A node is held back, or would be if `damping` were on: the alarm of a hold is one of these. */
export const HOLD_ALARMS = ["crash_loop", "flapping"] as const satisfies readonly AlarmCode[];

/** Another node's adverts are refused or not heard. */
export const UNHEARD_ALARMS: readonly AlarmCode[] = [
  "vrid_differs",
  ...SPLIT_BRAIN_ALARMS,
  "peer_mismatch",
];

/** Alarms that end as soon as their cause is known to be gone; the others stay for the hold-down. */
export const ALARMS_THAT_END_AT_ONCE = [
  ...SPLIT_BRAIN_ALARMS,
  "address_conflict",
  "address_on_backup",
  "virtual_mac_arp",
  "peer_config_differs",
  "unprotected",
  "adverts_not_sent",
  ...HOLD_ALARMS,
  "reload_failed",
  "state_damaged",
] as const satisfies readonly AlarmCode[];

/** One of them. */
export type AlarmThatEndsAtOnce = (typeof ALARMS_THAT_END_AT_ONCE)[number];

/** Alarms of an instance that have one cause: only one of them is shown, with what the others say as its evidence. */
interface CommonCause {
  /** The cause, as docs/alarms.md says it. */
  readonly what: string;
  /** From the most to the least certain; those of one list are equal. */
  readonly alarms: readonly (readonly AlarmCode[])[];
}

export const COMMON_CAUSES: readonly CommonCause[] = [{
  what: "Two machines have the addresses",
  alarms: [
    ["vrid_differs"],
    SPLIT_BRAIN_ALARMS,
    ["peer_mismatch"],
    ["address_conflict"],
  ],
}, {
  what: "The address is this machine's own",
  alarms: [["address_on_backup"], ["own_address"]],
}, {
  // The API names the values.
  what: "The settings of the two nodes differ",
  alarms: [["peer_config_differs"], ["peer_differs"]],
}, {
  what: "The instance cannot serve",
  alarms: [["adverts_not_sent", "resource_refused"], ["fault"]],
}];

/** The rank of an alarm among those of its cause. */
export interface AlarmCause {
  /** The same for all alarms of one cause. */
  readonly cause: string;
  /** 0 for the most certain. */
  readonly rank: number;
}

export function causeOf(code: AlarmCode): AlarmCause {
  for (const { what, alarms } of COMMON_CAUSES) {
    const rank = alarms.findIndex((codes) => codes.includes(code));
    if (rank >= 0) return { cause: what, rank };
  }
  return { cause: code, rank: 0 };
}
