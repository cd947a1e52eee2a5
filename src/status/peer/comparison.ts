/**
 * Each instance of a node next to the same virtual router on its peers, and where the two are not what a pair should
 * be: for the terminal and the page.
 *
 * @module
 */

import {
  COMPARED_SETTINGS,
  type ComparedSetting,
  counterpart,
  type Settings,
  statusSettings,
} from "./settings.ts";
import { mustDifferInPriority } from "../../vrrp/agreement.ts";
import { age } from "../text/span.ts";
import type { InstanceStatus, NodeStatus, PeerInstanceStatus, PeerStatus } from "../status.ts";

/** One instance on all nodes. */
export interface Comparison {
  /** Its name on this node. */
  readonly instance: string;
  /** This node first; then the peers, in the order of the configuration. */
  readonly nodes: readonly string[];
  readonly rows: readonly ComparedRow[];
}

export interface ComparedRow {
  readonly what: string;
  /** One for each node; `-` where nothing is known. */
  readonly values: readonly string[];
  /** The oddity of the two together, a few words; `null` if there is none. */
  readonly odd: string | null;
}

/** The shown part of an instance, here or there. */
type Shown = Settings & Pick<PeerInstanceStatus, "state" | "handing_over" | "master" | "faults"> & {
  readonly priority: { readonly configured: number; readonly effective: number };
  readonly override: string | null;
};

const UNKNOWN = "-";

/** Nothing where no peers are configured. */
export function comparePeers({ node, instances, peers }: NodeStatus): Comparison[] {
  if (peers.length === 0) return [];
  return instances.map((instance) => {
    const own = ownShown(instance);
    const all = [own, ...peers.map((peer) => peerShown(own, peer))];
    return {
      instance: instance.name,
      nodes: [node, ...peers.map((peer) => peer.name)],
      rows: [stateRow(all), priorityRow(all), ...settingRows(all), faultsRow(all)],
    };
  });
}

/** `reachable, vipd 0.1.0`, or why there is nothing to show; `nowMs` on the node's clock. */
export function peerWords(peer: PeerStatus, nowMs: number): string {
  const { reachable, error, version, last_seen } = peer;
  if (reachable) return `reachable, vipd ${version}`;
  const seen = last_seen === null ? "never answered" : `last answered ${age(last_seen, nowMs)} ago`;
  return `not reachable, ${seen}${error === null ? "" : `: ${error}`}`;
}

function ownShown(instance: InstanceStatus): Shown {
  const { state, handing_over, master, faults, priority, override } = instance;
  return {
    ...statusSettings(instance),
    ...{ state, handing_over, master, faults, priority, override: override?.kind ?? null },
  };
}

function peerShown(own: Settings, { instances }: PeerStatus): Shown | null {
  const theirs = counterpart(own, instances);
  return theirs ?? null;
}

type Nodes = readonly (Shown | null)[];

function row(what: string, nodes: Nodes, of: (shown: Shown) => string | null): ComparedRow {
  const values = nodes.map((shown) => (shown && of(shown)) ?? UNKNOWN);
  return { what, values, odd: null };
}

/** A row of which all nodes should have the same. */
function sameRow(what: string, nodes: Nodes, of: (shown: Shown) => string | null): ComparedRow {
  const plain = row(what, nodes, of);
  const known = new Set(plain.values.filter((value) => value !== UNKNOWN));
  return known.size > 1 ? { ...plain, odd: "differs" } : plain;
}

function stateRow(nodes: Nodes): ComparedRow {
  const known = nodes.filter((shown) => shown !== null);
  const masters = known.filter(({ state, handing_over }) => state === "master" && !handing_over);
  const nobody = known.length === nodes.length && known.every(({ state }) => state !== "master");
  return {
    ...row("state", nodes, ({ state, handing_over, override }) => {
      const words = [
        state.toUpperCase(),
        ...(handing_over ? ["handing over"] : []),
        ...(override === null
          ? []
          : [override === "priority" ? "priority set manually" : `${override} manually`]),
      ];
      return words.join(", ");
    }),
    odd: masters.length > 1 ? "two masters" : nobody ? "no master" : null,
  };
}

function priorityRow(nodes: Nodes): ComparedRow {
  const plain = row(
    "priority",
    nodes,
    ({ priority: { configured, effective } }) =>
      configured === effective ? `${effective}` : `${effective} (configured ${configured})`,
  );
  const known = nodes.filter((shown) => shown !== null);
  const configured = new Set(known.map(({ priority }) => priority.configured));
  const preempts = known.some(({ preempt }) => mustDifferInPriority(preempt));
  return known.length > configured.size && preempts ? { ...plain, odd: "equal" } : plain;
}

/** The addresses, which may be many, come last. */
function settingRows(nodes: Nodes): ComparedRow[] {
  const isLong = ({ what }: ComparedSetting) => what === "addresses";
  const settings = [
    ...COMPARED_SETTINGS.filter((setting) => !isLong(setting)),
    ...COMPARED_SETTINGS.filter(isLong),
  ];
  return [
    sameRow("master seen", nodes, ({ master }) => master?.address ?? null),
    row("interface", nodes, (shown) => shown.interface),
    ...settings.map(({ what, of }) => sameRow(what, nodes, of)),
  ];
}

function faultsRow(nodes: Nodes): ComparedRow {
  return row("faults", nodes, ({ faults }) => faults.join("; ") || "none");
}
