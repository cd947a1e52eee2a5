/**
 * Trouble that the answers of the other nodes show: a second master that no packet shows, and settings that
 * differ.
 *
 * An answer is about a moment. In a change of master both may be master for up to an advert interval, so a node that says
 * that it is master is asked again after that time, and counts when it says so still.
 *
 * @module
 */

import type { Clock } from "../../host/clock.ts";
import { UNHEARD_ALARMS } from "../../status/codes/alarms.ts";
import { LET_VRRP_IN } from "../../status/codes/messages.ts";
import { type DroppingNode, rulesRemedy } from "../../status/remedies/remedies.ts";
import { counterpart, differences, differenceText, routerKey } from "../../status/peer/settings.ts";
import type { DroppedBy, PeerInstanceStatus } from "../../status/status.ts";
import { outranks } from "../../vrrp/election.ts";
import { centisecondsToMs } from "../../vrrp/timers.ts";
import type { Instance } from "../instance/instance.ts";
import { type Alarms, HOLD_DOWN_MS } from "../journal/alarms.ts";

/** A change of master is over after so long at least, in milliseconds. */
const LEAST_CHANGE_MS = 250;
/** An answer of the stronger master stands for its adverts for so long. */
const WINNER_MS = 3500;
/** On the word of peers an instance releases its addresses no more often than this, in milliseconds. */
const YIELD_AGAIN_MS = 10 * 60_000;

/** Settings of which each makes adverts of the other node be refused or not heard. */
const MAKES_REFUSED: readonly string[] = [
  "VRID",
  "VRRP version",
  "advert interval",
  "authentication",
];

interface ReportedDifference {
  readonly what: string;
  readonly text: string;
}

/** A node that has just answered. */
export interface Answering {
  /** Its name in the configuration. */
  readonly name: string;
  readonly instances: readonly PeerInstanceStatus[];
}

export class PeerWatch {
  readonly #clock: Clock;
  readonly #alarms: Alarms;
  readonly #instances: () => readonly Instance[];
  /** The rules of this machine's firewall that drop its adverts; `null` if none is known to. */
  readonly #droppedBy: (instance: Instance) => DroppedBy | null;
  /** Since when a peer says, with every answer, that it is master while the instance is; by peer. */
  readonly #otherMasters = new WeakMap<Instance, Map<string, number>>();
  /** The differences, by instance and peer, as last reported. */
  readonly #differences = new WeakMap<Instance, Map<string, readonly ReportedDifference[]>>();
  /** The peer that the standing alarm names as a second master. */
  readonly #named = new WeakMap<Instance, string>();
  /** When an instance last released its addresses because of a peer's answer. */
  readonly #yieldedMs = new WeakMap<Instance, number>();

  constructor(
    clock: Clock,
    alarms: Alarms,
    instances: () => readonly Instance[],
    droppedBy: (instance: Instance) => DroppedBy | null,
  ) {
    this.#clock = clock;
    this.#alarms = alarms;
    this.#instances = instances;
    this.#droppedBy = droppedBy;
  }

  /** Returns how soon the next answer is wanted, in milliseconds; `Infinity` when that does not matter. */
  answered(peer: Answering): number {
    let wantedMs = Infinity;
    const routers = Map.groupBy(peer.instances, routerKey);
    for (const instance of this.#instances()) {
      const own = instance.settings;
      const theirs = counterpart(own, peer.instances, routers.get(routerKey(own)) ?? []);
      const found = theirs
        ? differences(own, theirs).map((difference) => ({
          what: difference.what,
          text: differenceText(difference, peer.name),
        }))
        : [];
      this.#reportDifferences(instance, peer.name, found);
      // Another VRID is another virtual router, whatever address it carries.
      const otherMaster = theirs?.vrid === own.vrid && theirs.state === "master" &&
        !theirs.handing_over;
      if (theirs && otherMaster) {
        wantedMs = Math.min(wantedMs, this.#heardMaster(instance, peer.name, theirs));
      } else {
        this.#otherMasters.get(instance)?.delete(peer.name);
        if (this.#named.get(instance) === peer.name) this.#clearOtherMaster(instance);
      }
    }
    return wantedMs;
  }

  /** The instance became master or ceased to be: what was suspected before has come to nothing. */
  stateChanged(instance: Instance): void {
    this.#otherMasters.delete(instance);
    if (!hasYielded(instance)) this.#clearOtherMaster(instance);
  }

  /** Nothing is heard of this peer any more. */
  forget(peer: string): void {
    for (const instance of this.#instances()) {
      this.#otherMasters.get(instance)?.delete(peer);
      this.#differences.get(instance)?.delete(peer);
    }
  }

  #heardMaster(instance: Instance, peer: string, theirs: PeerInstanceStatus): number {
    if (hasYielded(instance)) {
      this.#reportOtherMaster(instance, peer, theirs);
      instance.otherMasterSeen(otherMasterText(peer, theirs), WINNER_MS);
      return Infinity;
    }
    if (!instance.serving) return Infinity;
    const nowMs = this.#clock.nowMs();
    const since = this.#otherMasters.get(instance) ?? new Map<string, number>();
    this.#otherMasters.set(instance, since);
    const firstMs = since.get(peer) ?? nowMs;
    since.set(peer, firstMs);
    const restMs = firstMs + changeMs(instance, theirs) - nowMs;
    if (restMs > 0) return Math.max(restMs, LEAST_CHANGE_MS);
    this.#reportOtherMaster(instance, peer, theirs);
    if (yields(instance, theirs) && this.#mayYield(instance, nowMs)) {
      this.#yieldedMs.set(instance, nowMs);
      instance.otherMasterSeen(otherMasterText(peer, theirs), WINNER_MS);
    }
    return Infinity;
  }

  /** A peer's answer passes through the front: one that lies must not remove the address again and again. */
  #mayYield(instance: Instance, nowMs: number): boolean {
    const lastMs = this.#yieldedMs.get(instance);
    return lastMs === undefined || nowMs - lastMs >= YIELD_AGAIN_MS;
  }

  #reportOtherMaster(instance: Instance, peer: string, theirs: PeerInstanceStatus): void {
    const { config } = instance;
    const message =
      `${otherMasterText(peer, theirs)} says that it is master too, and has said so for ` +
      "longer than a change of master takes";
    const dropping: DroppingNode[] = [];
    const own = this.#droppedBy(instance);
    if (own !== null) dropping.push({ node: null, rules: own });
    const { adverts_dropped_by: rules } = theirs;
    if (rules !== undefined) dropping.push({ node: peer, rules });
    const hint = rulesRemedy(dropping) ??
      `VRRP does not pass between the nodes, or is refused: ${LET_VRRP_IN} on ` +
        "both; `vipd listen` shows what arrives";
    this.#named.set(instance, peer);
    this.#alarms.raise("split_brain_peer", config.name, { message, hint }, HOLD_DOWN_MS);
  }

  #clearOtherMaster(instance: Instance): void {
    if (!this.#named.delete(instance)) return;
    this.#alarms.withdraw("split_brain_peer", instance.config.name);
  }

  #reportDifferences(instance: Instance, peer: string, found: readonly ReportedDifference[]): void {
    const all = this.#differences.get(instance) ?? new Map<string, readonly ReportedDifference[]>();
    this.#differences.set(instance, all);
    if (found.length === 0) all.delete(peer);
    else all.set(peer, found);
    const { name } = instance.config;
    if (all.size === 0) return this.#alarms.withdraw("peer_config_differs", name);
    const differences = [...all.values()].flat();
    const refused = differences.some(({ what }) => MAKES_REFUSED.includes(what));
    this.#alarms.raise("peer_config_differs", name, {
      message: `settings are not what they should be on two nodes: ${
        differences.map(({ text }) => text).join("; ")
      }`,
      causes: differences.map(({ what }) => what),
      evidenceFor: refused
        ? this.#alarms.find(UNHEARD_ALARMS, ({ subject }) => subject === name)
        : null,
      hasRemedy: refused,
      hint:
        "make the settings of this instance the same on both nodes, but for the priority, and " +
        "reload vipd where you changed them, first on the backup",
    }, HOLD_DOWN_MS);
  }
}

/** True while this node waits, as backup, for a second master to go that it has yielded to and does not hear. */
function hasYielded({ config, router, log: { transition } }: Instance): boolean {
  return config.splitBrain === "yield" && router.state === "backup" &&
    transition.code === "split_brain" && router.masterSeen === null;
}

/** How long two masters may coexist: the weaker one goes when it hears the other's next advert. */
function changeMs({ config }: Instance, theirs: PeerInstanceStatus): number {
  const ownMs = centisecondsToMs(config.advertIntervalCs);
  return Math.max(1.1 * Math.max(ownMs, theirs.advert_interval_ms ?? 0), LEAST_CHANGE_MS);
}

/** True if the rules of the election would have this node go, had it heard the other. */
function yields({ config, conditions }: Instance, theirs: PeerInstanceStatus): boolean {
  if (config.splitBrain !== "yield") return false;
  return outranks(
    { priority: theirs.priority.effective, address: theirs.master?.address ?? null },
    { priority: conditions.priority.effective, address: conditions.primaryAddress },
  );
}

function otherMasterText(peer: string, { priority, master }: PeerInstanceStatus): string {
  const where = master === null ? "" : ` (${master.address})`;
  return `${peer}${where} with priority ${priority.effective}`;
}
