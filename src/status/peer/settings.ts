/**
 * An instance here and the one that it makes a virtual router with on another node: which one that is, and what
 * differs that should not.
 *
 * @module
 */

import { AGREED_KEYS, type AgreedName, mustDifferInPriority } from "../../vrrp/agreement.ts";
import type { InstanceStatus, PeerInstanceStatus } from "../status.ts";

/** The compared part of an instance; `null` is not known and differs from nothing. */
export interface Settings extends
  Pick<
    PeerInstanceStatus,
    | "name"
    | "interface"
    | "vrid"
    | "family"
    | "version"
    | "advert_interval_ms"
    | "preempt"
    | "authentication"
    | "addresses"
  > {
  readonly priority: { readonly configured: number };
}

/** One setting; `own` and `peer` are equal where that is what is wrong. */
export interface Difference {
  readonly what: string;
  /** Whether it keeps one node from serving for the other. */
  readonly grave: boolean;
  readonly own: string;
  readonly peer: string;
}

/** The settings of an instance as its status shows them. */
export function statusSettings({ timers, addresses, ...same }: InstanceStatus): Settings {
  return {
    ...same,
    advert_interval_ms: timers.advert_interval_ms,
    addresses: addresses.map(({ address, prefix_length }) => `${address}/${prefix_length}`),
  };
}

/** The causes that lower an instance's priority, for its peers; absent if there are none. */
export function loweredBy(
  reasons: InstanceStatus["priority"]["reasons"],
): Pick<PeerInstanceStatus, "lowered_by"> {
  const causes = reasons.filter(({ change }) => change < 0).map(({ what }) => what);
  return causes.length === 0 ? {} : { lowered_by: causes };
}

/** The addresses that a master does not hold; absent if it holds them all, or says nothing of that. */
export function addressesMissing(
  state: InstanceStatus["state"],
  addresses: readonly { readonly address: string; readonly held?: boolean | undefined }[],
): Pick<PeerInstanceStatus, "addresses_missing"> {
  if (state !== "master") return {};
  const missing = addresses.filter(({ held }) => held === false).map(({ address }) => address);
  return missing.length === 0 ? {} : { addresses_missing: missing };
}

/** VRID and family, by which instances of two nodes find each other. */
export function routerKey({ vrid, family }: Settings): string {
  return `${vrid} ${family}`;
}

/**
 * The instance of `theirs` that is the same virtual router as `own`: VRID and family (RFC 9568 section 1.7), and the
 * same network, for which an address in common stands or, without one, the name of interface or instance. If there is
 * none, one that still carries the same address, under another VRID.
 *
 * @param router those of `theirs` with the key of `own`, where they are known already.
 */
export function counterpart<T extends Settings>(
  own: Settings,
  theirs: readonly T[],
  router: readonly T[] = theirs.filter((other) => routerKey(other) === routerKey(own)),
): T | null {
  const shares = ({ addresses }: Settings) =>
    addresses.some((address) => own.addresses.includes(address));
  return router.find(shares) ??
    router.find((other) => other.interface === own.interface) ??
    router.find(({ name }) => name === own.name) ??
    theirs.find((other) => other.family === own.family && shares(other)) ??
    null;
}

/** A setting that both nodes of a pair should have alike; `null` is not known. */
export interface ComparedSetting {
  readonly what: AgreedName;
  /** Whether a node that has it otherwise cannot serve for the other. */
  readonly grave: boolean;
  readonly of: (settings: Settings) => string | null;
}

const VALUES: Readonly<Record<AgreedName, ComparedSetting["of"]>> = {
  "VRID": ({ vrid }) => `${vrid}`,
  "VRRP version": ({ version }) => `${version}`,
  "advert interval": ({ advert_interval_ms: ms }) => ms === null ? null : `${ms / 1000} s`,
  "authentication": ({ authentication }) => authentication,
  "addresses": ({ addresses }) => [...addresses].sort().join(" "),
  "preempt": ({ preempt }) => preempt === null ? null : preempt ? "yes" : "no",
};

/** All of those that a status has. */
export const COMPARED_SETTINGS: readonly ComparedSetting[] = Object.values(AGREED_KEYS).flatMap(
  (shown) =>
    shown === null ? [] : [{ what: shown.name, grave: shown.grave, of: VALUES[shown.name] }],
);

/** Settings that differ and should be the same on both nodes, or are the same and should differ. */
export function differences(own: Settings, peer: Settings): Difference[] {
  const found: Difference[] = [];
  for (const { what, grave, of } of COMPARED_SETTINGS) {
    const [here, there] = [of(own), of(peer)];
    if (here !== null && there !== null && here !== there) {
      found.push({ what, grave, own: here, peer: there });
    }
  }
  const { configured } = own.priority;
  if (configured === peer.priority.configured && mustDifferInPriority(own.preempt)) {
    found.push({ what: "priority", grave: false, own: `${configured}`, peer: `${configured}` });
  }
  return found;
}

/** `advert interval 1 s here, 2 s on lb02`. */
export function differenceText({ what, own, peer }: Difference, node: string): string {
  if (own === peer) return `${what} ${own} on both`;
  return `${what} ${own} here, ${peer} on ${node}`;
}
