/**
 * The other load balancers, as their APIs say: what they answered, how old that is, and when to ask again. A caller that
 * asks them lives above.
 *
 * @module
 */

import type { Config, InstanceConfig, PeerConfig } from "../../config/model.ts";
import { urlAddress } from "../../config/values/peer_url.ts";
import type { CancelTimer } from "../../host/clock.ts";
import type { Host } from "../../host/host.ts";
import { configSettings } from "../../status/peer/config_settings.ts";
import { unableText } from "../../status/peer/failover_readiness.ts";
import {
  heldBackBy,
  MISMATCH_HINT,
  notAskedHint,
  reasonCause,
} from "../../status/pair/standby_reasons.ts";
import type { PeerAnswer, PeerReport, PeerView } from "../../status/reports/peer_answer.ts";
import { counterpart } from "../../status/peer/settings.ts";
import { type DroppingNode, STATUS_OF } from "../../status/remedies/remedies.ts";
import type { PeerErrorCause } from "../../status/codes/error_cause.ts";
import type { DroppedBy, PeerInstanceStatus, PeerStatus } from "../../status/status.ts";
import type { OtherRouters } from "../../vrrp/sole_backup.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { Instance } from "../instance/instance.ts";
import type { AlarmPlace, Alarms } from "../journal/alarms.ts";
import { PeerWatch } from "./peer_watch.ts";

/** How often a peer is asked, in milliseconds. */
export const ASK_EVERY_MS = 1000;
/** How often one is asked that does not answer; and one that has not answered for long. */
const RETRY_MS = 1000;
const DEAD_RETRY_MS = 3000;
/** Time without an answer after which a peer is not reachable. */
const DEAD_MS = 10_000;
/** If no outcome comes for so long, nobody asks. */
const ASKED_MS = 10_000;
/** An older answer says nothing of now. */
export const FRESH_MS = 2500;

interface Peer {
  readonly config: PeerConfig;
  /** Monotonic: its last answer, or since when it is asked. */
  sinceMs: number;
  /** Monotonic: when the outcome of a question came last; `-Infinity` before the first one. */
  askedMs: number;
  answer: PeerAnswer | null;
  /** The instances of the last answer: the same list until the next one. */
  instances: PeerInstanceStatus[];
  /** Wall clock; `null` before its first answer. */
  seenAtMs: number | null;
  error: string | null;
  /** The proof that the error is. */
  cause: PeerErrorCause | undefined;
  clockOffsetMs: number | null;
  rehearsal: PeerReport["rehearsal"];
  rehearsed: PeerReport["rehearsed"];
  /** Monotonic: when it first answered after a restart in order; `-Infinity` if it has not. */
  restartedMs: number;
  /** From where it has advertised as master, as it said itself. */
  readonly sources: Set<IpAddress>;
}

const NO_INSTANCES: PeerInstanceStatus[] = [];

/** A peer has one address on each network, and an old one for a while. */
const MAX_SOURCES = 16;

export class Peers {
  readonly #host: Host;
  readonly #alarms: Alarms;
  readonly #watch: PeerWatch;
  #node = "";
  #peers: ReadonlyMap<string, Peer> = new Map();
  /** The addresses that the configuration names; what a peer says of itself is no evidence. */
  #addresses: ReadonlySet<IpAddress> = new Set();
  #cancelLook: CancelTimer = () => {};

  constructor(
    config: Config,
    host: Host,
    alarms: Alarms,
    instances: () => readonly Instance[],
    droppedBy: (instance: Instance) => DroppedBy | null,
  ) {
    this.#host = host;
    this.#alarms = alarms;
    this.#watch = new PeerWatch(host, alarms, instances, droppedBy);
    this.reconfigure(config);
  }

  /** The knowledge of a peer stays if it is asked at the same place. */
  reconfigure({ node, peers }: Config): void {
    const before = this.#peers;
    this.#node = node;
    this.#addresses = new Set(peers.flatMap(({ url }) => urlAddress(url) ?? []));
    this.#peers = new Map(peers.map((config) => {
      const known = before.get(config.name);
      const same = known?.config.url === config.url;
      return [config.name, same ? { ...known, config } : this.#unknown(config)];
    }));
    for (const [name, { config }] of before) {
      if (this.#peers.get(name)?.config.url !== config.url) this.#watch.forget(name);
    }
    this.#reportUnreachable();
  }

  /**
   * Takes the outcome of a question; one about a peer that is not configured any more is nothing.
   *
   * @param clockOffsetMs how far the peer's clock is ahead of this node's; `null` if that is not known.
   * @returns after how many milliseconds to ask again
   */
  reported(name: string, report: PeerReport, clockOffsetMs: number | null = null): number {
    const peer = this.#peers.get(name);
    if (!peer) return ASK_EVERY_MS;
    const judged = this.#judge(report);
    peer.askedMs = this.#host.nowMs();
    peer.rehearsal = report.rehearsal;
    peer.rehearsed = report.rehearsed;
    if (judged.ok) {
      this.#answered(peer, judged.answer);
      peer.clockOffsetMs = clockOffsetMs;
      this.#reportUnreachable();
      const { instances } = judged.answer;
      return Math.min(ASK_EVERY_MS, this.#watch.answered({ name, instances }));
    }
    peer.error = judged.error;
    peer.cause = judged.cause;
    if (!this.#isFresh(peer)) this.#watch.forget(name);
    this.#reportUnreachable();
    return this.#isDead(peer) ? DEAD_RETRY_MS : RETRY_MS;
  }

  /** No timer runs any more. */
  close(): void {
    this.#cancelLook();
  }

  /** An instance became master or ceased to be. */
  stateChanged(instance: Instance): void {
    this.#watch.stateChanged(instance);
  }

  /** Monotonic: when the last of them first answered after a restart in order; `-Infinity` if none has. */
  get restartedMs(): number {
    return Math.max(-Infinity, ...this.#peers.values().map((peer) => peer.restartedMs));
  }

  /** The name of this node. */
  get node(): string {
    return this.#node;
  }

  /** True for the address of one of them. */
  haveAddress(address: IpAddress): boolean {
    return this.#addresses.has(address);
  }

  /** Each node with the addresses from which its adverts may come, as far as they are known. */
  get nodes(): OtherRouters["nodes"] {
    return Array.from(this.#peers.values(), ({ config: { name, url }, sources }) => ({
      name,
      addresses: [...sources, urlAddress(url) ?? []].flat(),
    }));
  }

  /** The name of the peer that has this address, or has advertised from it as master; `null` for none. */
  nameOf(address: IpAddress): string | null {
    return this.nodes.find(({ addresses }) => addresses.includes(address))?.name ?? null;
  }

  /** A reachable peer that has addresses of this instance on its interface while it is not master; `null` for none. */
  withAddressOnBackup({ config }: Instance): string | null {
    for (const peer of this.#peers.values()) {
      if (this.#counterpart(peer, config)?.address_on_backup !== undefined) return peer.config.name;
    }
    return null;
  }

  /** The reachable peers whose firewalls drop the adverts of this instance on their way to them, as they say. */
  dropping({ config }: Pick<Instance, "config">): DroppingNode[] {
    return Array.from(this.#peers.values()).flatMap((peer) => {
      const rules = this.#counterpart(peer, config)?.adverts_dropped_by;
      return rules === undefined ? [] : [{ node: peer.config.name, rules }];
    });
  }

  /** The instances of the reachable peers that are the same virtual router. */
  counterparts({ config }: Instance): PeerView[] {
    return Array.from(this.#peers.values()).flatMap((peer) => {
      const theirs = this.#counterpart(peer, config);
      return theirs ? [{ peer: peer.config.name, state: theirs.state }] : [];
    });
  }

  /**
   * Why no other node could take this instance over, one sentence; `null` when one could, or may: a peer that is not
   * reachable is not known to be unable.
   */
  noneAble({ config }: Pick<Instance, "config">): string | null {
    const peers = [...this.#peers.values()];
    if (!peers.every((peer) => this.#isFresh(peer))) return null;
    const texts = peers.flatMap((peer) => {
      const theirs = this.#counterpart(peer, config);
      return theirs ? [{ name: peer.config.name, why: unableText(theirs) }] : [];
    });
    if (texts.length === 0 || texts.some(({ why }) => why === null)) return null;
    return texts.map(({ name, why }) => `${name} says that it ${why}`).join("; ");
  }

  /** True if a reachable peer is backup in this instance, and would serve if it were let. */
  haveBetter({ config }: Pick<Instance, "config">): boolean {
    return Array.from(this.#peers.values()).some((peer) => {
      const theirs = this.#counterpart(peer, config);
      return theirs?.state === "backup" && unableText(theirs) === null;
    });
  }

  /** The name of a reachable peer that nothing but its hold keeps from serving; `null` for none. */
  heldBack({ config }: Pick<Instance, "config">): string | null {
    const held = this.#peers.values().find((peer) => {
      const theirs = this.#counterpart(peer, config);
      return theirs?.state === "backup" && theirs.override === null &&
        theirs.lowered_by?.length === 1 && heldBackBy(theirs.lowered_by) !== undefined;
    });
    return held?.config.name ?? null;
  }

  status(): PeerStatus[] {
    return Array.from(this.#peers.values(), (peer) => {
      const { config: { name, url }, answer, seenAtMs, clockOffsetMs } = peer;
      const reachable = this.#isFresh(peer);
      // An old error says nothing of now.
      const { error, cause } = this.#isAsked(peer) ? peer : { error: null };
      return {
        ...{ name, url, reachable, error },
        ...(cause !== undefined && { error_cause: cause }),
        last_seen: seenAtMs === null ? null : new Date(seenAtMs).toISOString(),
        node: answer?.node ?? null,
        version: answer?.version ?? null,
        instances: reachable ? peer.instances : NO_INSTANCES,
        clock_offset_ms: reachable ? clockOffsetMs : null,
        ...(peer.rehearsal && { rehearsal: [...peer.rehearsal] }),
        ...(peer.rehearsed && { rehearsed: peer.rehearsed }),
      };
    });
  }

  #counterpart(peer: Peer, config: InstanceConfig): PeerInstanceStatus | null {
    if (!this.#isFresh(peer)) return null;
    const theirs = counterpart(configSettings(config), peer.answer?.instances ?? []);
    return theirs?.vrid === config.vrid ? theirs : null;
  }

  #unknown(config: PeerConfig): Peer {
    const sinceMs = this.#host.nowMs();
    return {
      config,
      ...{ sinceMs, askedMs: -Infinity },
      answer: null,
      instances: [],
      seenAtMs: null,
      error: null,
      cause: undefined,
      clockOffsetMs: null,
      rehearsal: undefined,
      rehearsed: undefined,
      restartedMs: -Infinity,
      sources: new Set(),
    };
  }

  /** A node that asks itself would take itself for a second master. */
  #judge(report: PeerReport): PeerReport {
    if (!report.ok || report.answer.node !== this.#node) return report;
    const error = `it calls itself ${this.#node}, as this node does: name the other node's API, ` +
      "and give each node a name of its own";
    return { ok: false, error };
  }

  #answered(peer: Peer, answer: PeerAnswer): void {
    if (isRestart(peer.answer?.engine, answer.engine)) peer.restartedMs = this.#host.nowMs();
    peer.sinceMs = this.#host.nowMs();
    peer.seenAtMs = this.#host.wallClockMs();
    peer.answer = answer;
    peer.instances = [...answer.instances];
    peer.error = null;
    peer.cause = undefined;
    for (const { state, master } of answer.instances) {
      if (state !== "master" || !master) continue;
      // As the newest: what was known longest goes first.
      peer.sources.delete(master.address);
      peer.sources.add(master.address);
      if (peer.sources.size > MAX_SOURCES) peer.sources.delete([...peer.sources][0]!);
    }
  }

  #isFresh({ answer, sinceMs }: Peer): boolean {
    return answer !== null && this.#host.nowMs() - sinceMs < FRESH_MS;
  }

  #isDead({ sinceMs }: Peer): boolean {
    return this.#host.nowMs() - sinceMs >= DEAD_MS;
  }

  #isAsked({ askedMs }: Peer): boolean {
    return this.#host.nowMs() - askedMs < ASKED_MS;
  }

  /** The alarm that says that vipd does not run there, or that nobody asks; `null` if none does. */
  #reportedBy(peer: Peer): AlarmPlace | null {
    if (!this.#isAsked(peer)) return this.#alarms.find(["api_down"], () => true);
    const { config: { name } } = peer;
    const cause = reasonCause({ code: "standby_stopped", node: name });
    return this.#alarms.find(["unprotected"], ({ causes }) => causes.includes(cause));
  }

  #reportUnreachable(): void {
    this.#cancelLook();
    const dead = Array.from(this.#peers.values()).filter((peer) => this.#isDead(peer));
    if (dead.length === 0) return this.#alarms.clear("peer_unreachable", null);
    const reports = dead.map((peer) => ({
      ...peer,
      cause: this.#isAsked(peer) ? peer.cause : "nobody_asks" as const,
      reported: this.#reportedBy(peer),
    }));
    const open = reports.filter(({ reported }) => reported === null);
    const shown = open.length > 0 ? open : reports;
    const texts = shown.map(({ config: { name, url }, error, cause }) =>
      cause === "nobody_asks"
        ? `this node does not ask ${name} (${url}), so nothing is known of it`
        : cause === "not_asked"
        ? `this node cannot ask ${name} (${url}): ${error}`
        : cause === "mismatch"
        ? `this node gets no status of ${name} (${url}): ${error}`
        : `${name} (${url}) does not answer: ${error}`
    );
    this.#alarms.raise("peer_unreachable", null, {
      message: texts.join("; "),
      causes: shown.map(({ config }) => config.name),
      evidenceFor: shown[0]!.reported,
      hint: unreachableHint(new Set(shown.map(({ cause }) => cause))),
    });
    this.#lookAgain(dead.filter((peer) => this.#isAsked(peer)));
  }

  /** If nobody asks any more, no outcome comes that would say so. */
  #lookAgain(asked: readonly Peer[]): void {
    if (asked.length === 0) return;
    const atMs = Math.min(...asked.map(({ askedMs }) => askedMs)) + ASKED_MS;
    this.#cancelLook = this.#host.setTimer(atMs, () => this.#reportUnreachable());
  }
}

/** Another engine runs than before, and that one has ended in order. */
function isRestart(before: PeerAnswer["engine"], now: PeerAnswer["engine"]): boolean {
  return before !== undefined && now !== undefined && before.startedAt !== now.startedAt &&
    before.restarts === now.restarts;
}

/** For peers that are not reachable for these causes. */
function unreachableHint(
  causes: ReadonlySet<PeerErrorCause | "nobody_asks" | undefined>,
): string {
  const [cause] = causes.size === 1 ? causes : [];
  if (cause === "nobody_asks") return notAskedHint("here");
  if (cause === "not_asked") {
    return "correct that here: the user of vipd run must be able to read token_file of `peers`";
  }
  if (cause === "mismatch") return MISMATCH_HINT;
  return `is vipd running there (${STATUS_OF.engine}), does its api.listen reach beyond that ` +
    "machine (after vipd pair only once vipd reload has run there), and do url, token_file and " +
    "ca of `peers` here fit it?";
}
