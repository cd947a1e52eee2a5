/**
 * The content of the picture of an instance: its nodes, who has the addresses, what passes between them and what does not.
 *
 * @module
 */

import { counterpart, statusSettings } from "../../../status/peer/settings.ts";
import type { InstanceStatus, NodeStatus, PairReason } from "../../../status/status.ts";

/** `silent`: it holds the addresses and does not answer clients. */
export type Role = "serves" | "silent" | "holds" | "ready" | "not_ready" | "unknown";

export interface PicturedNode {
  readonly name: string;
  readonly role: Role;
  /** A few words on its state, or why it is not ready. */
  readonly detail: string;
}

export interface PicturedLink {
  readonly what: "adverts" | "client check" | "API";
  /** `null` if nobody knows whether it passes. */
  readonly passes: boolean | null;
  /** Whether it goes from the first node of the picture to the other. */
  readonly forward: boolean;
}

/** One node that could serve, and what passes between it and the first one. */
export interface PicturedOther {
  readonly node: PicturedNode;
  readonly links: readonly PicturedLink[];
}

export interface PictureOfPair {
  /** The node that has the addresses; if nobody is known to, this node. */
  readonly first: PicturedNode;
  readonly others: readonly PicturedOther[];
}

/** Each reason in a few words, below the name of its node. */
export const BRIEF_REASONS: Readonly<Record<PairReason["code"], string>> = {
  nobody_serves: "nobody serves",
  holder_silent: "no answer",
  two_holders: "two hold it",
  stray_address: "keeps an address",
  address_conflict: "address taken",
  serves_less: "serves less",
  standby_deaf: "hears no adverts",
  adverts_blocked: "adverts blocked",
  standby_stopped: "vipd stopped",
  standby_missing: "lacks instance",
  standby_fault: "in fault",
  standby_unwell: "a check fails",
  standby_demoted: "demoted",
  settings_differ: "settings differ",
  rehearsal_failed: "would serve less",
  weight_too_small: "cannot take over",
  no_peer: "no peer known",
  peer_silent: "API is silent",
  peer_not_asked: "API not asked",
  peer_older: "older vipd",
  client_check_unknown: "no answer yet",
  nginx_unloadable: "nginx cannot load",
  nginx_stale: "nginx not reloaded",
  not_rehearsed: "not rehearsed",
  certificate_expires: "certificate ends",
  clock_offset: "clocks differ",
};

/** How the words of each role begin, with a shape that shows it without colour. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  serves: "● serves",
  silent: "✕ silent",
  holds: "≠ holds it",
  ready: "✓ ready",
  not_ready: "✕ not ready",
  unknown: "? not known",
};

interface Known {
  readonly name: string;
  readonly state: InstanceStatus["state"] | null;
  /** `null` for this node. */
  readonly reachable: boolean | null;
}

export function pictureOf(instance: InstanceStatus, status: NodeStatus): PictureOfPair {
  const known = knownNodes(instance, status);
  const holder = known.find(({ name }) => name === instance.pair?.served_by) ??
    known.find(({ state }) => state === "master") ?? known[0]!;
  const first = pictured(holder, instance);
  const others = known.filter((node) => node !== holder).map((node) => ({
    node: pictured(node, instance),
    links: linksOf(instance, holder, node),
  }));
  return { first, others };
}

/** The picture in words, for those who do not see it. */
export function pictureText({ first, others }: PictureOfPair): string {
  const said = ({ name, role, detail }: PicturedNode) =>
    `${name} ${ROLE_WORDS[role].slice(2)}${detail === "" ? "" : `, ${detail}`}`;
  const links = others.flatMap(({ node, links }) =>
    links.map(({ what, passes }) =>
      `${what} between ${first.name} and ${node.name}: ${
        passes === null ? "not known" : passes ? "passes" : "fails"
      }`
    )
  );
  return [said(first), ...others.map(({ node }) => said(node)), ...links].join("; ");
}

function knownNodes(instance: InstanceStatus, { node, peers }: NodeStatus): Known[] {
  const settings = statusSettings(instance);
  const known: Known[] = [
    { name: node, state: instance.state, reachable: null },
    ...peers.map((peer) => ({
      name: peer.name,
      state: counterpart(settings, peer.instances)?.state ?? null,
      reachable: peer.reachable,
    })),
  ];
  const { served_by: server, ready = [] } = instance.pair ?? {};
  // A node without an API is known by what others hear of it.
  for (const name of [server, ...ready]) {
    if (name && !known.some((one) => one.name === name)) {
      known.push({ name, state: null, reachable: false });
    }
  }
  if (known.length === 1) known.push({ name: "another node", state: null, reachable: false });
  return known;
}

function pictured({ name, state, reachable }: Known, { pair }: InstanceStatus): PicturedNode {
  const detail = state === null ? "" : state.toUpperCase();
  const own = pair?.reasons.find((reason) => reason.node === name);
  if (pair?.verdict === "contested" && state === "master") return { name, role: "holds", detail };
  if (pair?.served_by === name) {
    const silent = pair.reasons.some(({ code }) => code === "holder_silent");
    return { name, role: silent ? "silent" : "serves", detail };
  }
  if (pair?.ready.includes(name)) return { name, role: "ready", detail };
  if (own?.verdict === "unverified") {
    return { name, role: "unknown", detail: BRIEF_REASONS[own.code] };
  }
  if (own) return { name, role: "not_ready", detail: BRIEF_REASONS[own.code] };
  if (state === "master" && pair?.verdict !== "unserved") return { name, role: "serves", detail };
  if (reachable === false || !pair) return { name, role: "unknown", detail };
  return { name, role: "not_ready", detail };
}

function linksOf(instance: InstanceStatus, holder: Known, other: Known): PicturedLink[] {
  const { pair, client_check: check, state } = instance;
  const has = (code: PairReason["code"]) =>
    pair?.reasons.some((reason) =>
      reason.code === code && (reason.node === null || reason.node === other.name ||
        reason.node === holder.name)
    ) ?? false;
  const deaf = has("standby_deaf") || has("two_holders") || has("nobody_serves");
  const blocked = pair?.reasons.some(({ code, node }) =>
    code === "adverts_blocked" && node === holder.name
  );
  const stopped = has("standby_stopped");
  // A node that is in fault does not listen.
  const listens = (other.reachable === null ? state : other.state) === "backup";
  const heard = !listens ? null : other.reachable !== null || instance.master !== null;
  // Whether two other nodes reach each other, this one does not know.
  const apart = holder.reachable !== null && other.reachable !== null;
  const api = apart ? null : holder.reachable ?? other.reachable ?? false;
  const asks = other.reachable === null && check;
  return [
    { what: "adverts", passes: deaf || blocked || stopped ? false : heard, forward: true },
    ...(asks || has("holder_silent") || has("client_check_unknown")
      ? [{
        what: "client check" as const,
        passes: has("holder_silent") ? false : asks ? asks.ok : null,
        forward: false,
      }]
      : []),
    { what: "API", passes: api, forward: other.reachable === null },
  ];
}
