/**
 * The keys of the configuration in which the nodes of one virtual router must agree.
 *
 * @module
 */

/** How a status, which says how the other node has the key, shows it. */
interface ShownKey {
  readonly name: string;
  /** Whether a node that has it otherwise cannot serve for the other. */
  readonly grave: boolean;
}

/** In the order in which a status shows them; `null` if no status does. */
export const AGREED_KEYS = {
  "vrid": { name: "VRID", grave: true },
  "version": { name: "VRRP version", grave: true },
  "advert_interval": { name: "advert interval", grave: true },
  "authentication.type": { name: "authentication", grave: true },
  "addresses": { name: "addresses", grave: true },
  "preempt": { name: "preempt", grave: false },
  "checksum": null,
  "multicast_group": null,
  "authentication.keys": null,
  "authentication.replay": null,
} as const satisfies Readonly<Record<string, ShownKey | null>>;

type Agreed = typeof AGREED_KEYS;
/** The name in a status of each of those that it shows. */
export type AgreedName = NonNullable<Agreed[keyof Agreed]>["name"];

/** Whether two nodes with one priority are none of them preferred; two that never preempt may well be equal. */
export function mustDifferInPriority(preempt: boolean | null): boolean {
  return preempt !== false;
}
