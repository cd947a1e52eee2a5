/**
 * The keys of the configuration in which the nodes of one virtual router must agree.
 *
 * @module
 */

interface AgreedKey {
  /** Its name in a status, which shows how the other node has it; `null` if no status has it. */
  readonly status: string | null;
  /** Whether a node that has it otherwise cannot serve for the other. */
  readonly grave: boolean;
}

/** In the order in which a status names them. */
export const AGREED_KEYS = {
  "vrid": { status: "VRID", grave: true },
  "version": { status: "VRRP version", grave: true },
  "advert_interval": { status: "advert interval", grave: true },
  "authentication.type": { status: "authentication", grave: true },
  "addresses": { status: "addresses", grave: true },
  "preempt": { status: "preempt", grave: false },
  "checksum": { status: null, grave: false },
  "multicast_group": { status: null, grave: true },
  "authentication.keys": { status: null, grave: true },
  "authentication.replay": { status: null, grave: false },
} as const satisfies Readonly<Record<string, AgreedKey>>;

type Agreed = typeof AGREED_KEYS;
/** The name in a status of each of those that it has. */
export type AgreedName = NonNullable<Agreed[keyof Agreed]["status"]>;

/** Whether two nodes with one priority are none of them preferred; two that never preempt may well be equal. */
export function mustDifferInPriority(preempt: boolean | null): boolean {
  return preempt !== false;
}
