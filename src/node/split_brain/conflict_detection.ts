/**
 * Listens on the links for other machines that claim the virtual addresses of this node, and asks for them while this
 * node holds them: a second master, or a foreign host with the address, is found although no advert of it is heard.
 *
 * @module
 */

import type { ClaimPort, HeardClaim } from "../../host/claims.ts";
import type { CancelTimer } from "../../host/clock.ts";
import { isHostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import type { Journal } from "../../status/journal.ts";
import type { DroppedBy } from "../../status/status.ts";
import { familyOf, type IpAddress } from "../../wire/address.ts";
import type { Instance } from "../instance/instance.ts";
import type { Alarms } from "../journal/alarms.ts";
import { AlteredLog } from "../journal/altered_log.ts";
import { AddressConflict } from "./address_conflict.ts";
import type { Peers } from "../pair/peers.ts";
import { SharedTaps } from "./shared_taps.ts";

/** Time in which each instance asks for one of its addresses, as long as there are not too many, in milliseconds. */
const ROUND_MS = 1500;
/** Least time between two turns, for each wakes the program, in milliseconds. */
const LEAST_GAP_MS = 500;
/** Every question is a broadcast: so many instances ask in one turn at most. */
const ASK_AT_ONCE = 10;
/** How much earlier a turn may come to share a wake with another timer: part of the gap. */
const EARLY = 0.25;
/** How long further changes of the addresses are waited for, in milliseconds. */
const RELINK_MS = 20;

/** The links on which the claims to an address are heard. */
interface Place {
  readonly interface: string;
  readonly address: IpAddress;
}

interface Link {
  readonly interface: string;
  /** Whose address it is. */
  readonly claimants: Map<IpAddress, AddressConflict>;
  /** Kernel index of the interface when the port was opened. */
  index: number | null;
  port: ClaimPort | null;
}

/** The words of the peers about an instance. */
export type InstancePeers = Pick<Peers, "withAddressOnBackup" | "nameOf" | "dropping">;

export class ConflictDetection {
  readonly #host: Host;
  readonly #altered: AlteredLog;
  readonly #alarms: Alarms;
  readonly #conflicts = new Map<Instance, AddressConflict>();
  readonly #taps: SharedTaps;
  readonly #peers: () => InstancePeers;
  readonly #droppedBy: (instance: Instance) => DroppedBy | null;
  #links = new Map<string, Link>();
  #cancelRelink: CancelTimer | null = null;
  /** Whose turn it is to ask: the masters, and those among them that hand over, which are passed by. */
  readonly #turn: AddressConflict[] = [];
  #cancelTurn: CancelTimer | null = null;

  constructor(
    host: Host,
    journal: Journal,
    alarms: Alarms,
    peers: () => InstancePeers,
    droppedBy: (instance: Instance) => DroppedBy | null,
  ) {
    this.#host = host;
    this.#altered = new AlteredLog(null, journal, () => host.nowMs());
    this.#alarms = alarms;
    this.#taps = new SharedTaps(host);
    this.#peers = peers;
    this.#droppedBy = droppedBy;
  }

  /** An instance began to run, became master or ceased to be. */
  stateChanged(instance: Instance): void {
    const conflict = this.#conflictOf(instance);
    conflict.stateChanged();
    this.#leaveTurn(conflict);
    if (!conflict.asks) return;
    // A new master asks first: it is now that a second one shows.
    this.#turn.unshift(conflict);
    if (this.#cancelTurn === null) this.#nextTurn();
  }

  /** Instances may have other addresses than before. */
  reconfigured(): void {
    this.#relinkSoon();
  }

  /** The instance is no more. */
  forget(instance: Instance): void {
    const conflict = this.#conflicts.get(instance);
    if (conflict) this.#leaveTurn(conflict);
    conflict?.close();
    this.#conflicts.delete(instance);
    this.#relinkSoon();
  }

  interfaceChanged(name: string): void {
    for (const link of this.#links.values()) {
      if (link.interface === name) this.#open(link);
    }
  }

  close(): void {
    this.#cancelRelink?.();
    this.#cancelTurn?.();
    for (const conflict of this.#conflicts.values()) conflict.close();
    this.#conflicts.clear();
    for (const { port } of this.#links.values()) port?.close();
    this.#links.clear();
    this.#taps.keepFor([]);
  }

  #conflictOf(instance: Instance): AddressConflict {
    const known = this.#conflicts.get(instance);
    if (known) return known;
    const conflict = new AddressConflict(instance, this.#host, this.#alarms, {
      probe: (address) => this.#probe(instance, address),
      tap: (heard) => this.#taps.open(instance, heard),
      peerWithAddress: () => this.#peers().withAddressOnBackup(instance),
      peerAt: (address) => this.#peers().nameOf(address),
      dropping: () => {
        const rules = this.#droppedBy(instance);
        const own = rules === null ? [] : [{ node: null, rules }];
        return [...own, ...this.#peers().dropping(instance)];
      },
    });
    this.#conflicts.set(instance, conflict);
    this.#relinkSoon();
    return conflict;
  }

  #leaveTurn(conflict: AddressConflict): void {
    const index = this.#turn.indexOf(conflict);
    if (index >= 0) this.#turn.splice(index, 1);
  }

  #nextTurn(): void {
    const asking = this.#turn.length;
    this.#cancelTurn = null;
    if (asking === 0) return;
    const gapMs = Math.max(ROUND_MS / asking, LEAST_GAP_MS);
    const atOnce = Math.min(Math.ceil(asking * gapMs / ROUND_MS), ASK_AT_ONCE);
    this.#cancelTurn = this.#host.setTimer(
      this.#host.nowMs() + gapMs,
      () => this.#takeTurn(atOnce),
      gapMs * EARLY,
    );
  }

  #takeTurn(atOnce: number): void {
    const next = this.#turn.splice(0, atOnce);
    this.#turn.push(...next);
    for (const conflict of next) if (conflict.asks) conflict.ask();
    this.#nextTurn();
  }

  #probe(instance: Instance, address: IpAddress): void {
    const place = placesOf(instance).find((candidate) => candidate.address === address);
    // An address that cannot be asked for is not held either: the instance is in fault, or says itself what it cannot do.
    if (place) this.#links.get(linkKey(place))?.port?.probe(address);
  }

  /** Once for all that change together, such as hundreds of instances at start. */
  #relinkSoon(): void {
    this.#cancelRelink ??= this.#host.setTimer(this.#host.nowMs() + RELINK_MS, () => {
      this.#cancelRelink = null;
      this.#relink();
    });
  }

  /** Listens for the addresses of all instances; where they are what they were, the port stays. */
  #relink(): void {
    const before = this.#links;
    this.#links = new Map();
    for (const [instance, conflict] of this.#conflicts) {
      for (const place of placesOf(instance)) {
        const key = linkKey(place);
        const link = this.#links.get(key) ?? newLink(place.interface);
        link.claimants.set(place.address, conflict);
        this.#links.set(key, link);
      }
    }
    for (const [key, link] of this.#links) {
      const old = before.get(key);
      if (!old || !sameAddresses(old, link)) continue;
      // The old one continues, because its port calls it.
      for (const [address, conflict] of link.claimants) old.claimants.set(address, conflict);
      this.#links.set(key, old);
      before.delete(key);
    }
    for (const { port } of before.values()) port?.close();
    for (const link of this.#links.values()) this.#open(link);
    this.#taps.keepFor(this.#conflicts.keys());
  }

  #open(link: Link): void {
    const { interface: name, claimants } = link;
    const index = this.#host.interfaceState(name)?.index ?? null;
    if (link.port && link.index !== index) {
      link.port.close();
      link.port = null;
    }
    if (link.port || index === null) return;
    const addresses = [...claimants.keys()];
    const heard = (claim: HeardClaim) => claimants.get(claim.address)?.heard(claim);
    const opened = this.#host.openClaims(name, familyOf(addresses[0]!), addresses, heard);
    link.index = index;
    if (!isHostError(opened)) {
      link.port = opened;
      return;
    }
    const message = `a second node with the addresses on ${name} would not be noticed: ` +
      opened.message;
    // Each change of the interface asks again.
    this.#altered.record("claims_unheard", name, message);
  }
}

function newLink(interfaceName: string): Link {
  return { interface: interfaceName, claimants: new Map(), index: null, port: null };
}

function sameAddresses(a: Link, b: Link): boolean {
  return a.claimants.size === b.claimants.size &&
    Array.from(a.claimants.keys()).every((address) => b.claimants.has(address));
}

function linkKey({ interface: name, address }: Place): string {
  return `${name} ${familyOf(address)}`;
}

/** Addresses on the interface of the virtual MAC address are claimed, and asked for, on the one below. */
function placesOf({ config }: Instance): Place[] {
  return config.addresses.map(({ address, device }) => ({
    interface: device === config.virtualInterface ? config.interface : device,
    address,
  }));
}
