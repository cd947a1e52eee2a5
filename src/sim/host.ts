/**
 * A virtual machine as the load balancer on it sees it: the ports of `host/`.
 *
 * Its calls are methods, so that a test may put its own in the place of some.
 *
 * @module
 */

import type { Prober, ProbeResult } from "../health/check.ts";
import type { CheckConfig } from "../health/check_config.ts";
import type { TimedProgramRun } from "../health/programs/run_program.ts";
import type { VirtualAddress } from "../host/addresses.ts";
import type { ClaimPort, HeardClaim } from "../host/claims.ts";
import type { CancelTimer, Timer } from "../host/clock.ts";
import type { HostError } from "../host/errors.ts";
import type { FilteredAdvert } from "../host/firewall.ts";
import type { Host } from "../host/host.ts";
import type { ArpProblem, InterfaceState, VirtualInterface } from "../host/interfaces.ts";
import type { LockHolder } from "../host/locks.ts";
import type { RoutingEntry } from "../host/routing.ts";
import type { VrrpDatagram, VrrpPort, VrrpPortOptions, VrrpTap } from "../host/vrrp.ts";
import { type MarkedAddress, sameAddress } from "../vip/addresses.ts";
import { sameRouting } from "../vip/routing.ts";
import {
  type Family,
  familyOf,
  formatMac,
  type IpAddress,
  type MacAddress,
} from "../wire/address.ts";
import type { FilterDrop } from "../firewall/packet_filter.ts";
import { VRRP_GROUP } from "../wire/vrrp.ts";
import { SimMachine } from "./machine.ts";

export type { SimHostOptions } from "./machine.ts";

const SIMULATION_EPOCH_MS = Date.UTC(2030, 0, 1);

export class SimHost extends SimMachine implements Host {
  /** Its work takes no time, unless a test says otherwise. */
  leadMs = 0;
  stepMs = 0;

  nowMs(): number {
    return this.time.nowMs;
  }

  wallClockMs(): number {
    return SIMULATION_EPOCH_MS + this.time.nowMs + this.wallOffsetMs;
  }

  setTimer(atMs: number, fire: () => void): CancelTimer {
    return this.process.setTimer(atMs, fire);
  }

  newTimer(fire: () => void): Timer {
    let cancel: CancelTimer = () => {};
    return {
      set: (atMs) => {
        cancel();
        cancel = this.setTimer(atMs, fire);
      },
      cancel: () => cancel(),
    };
  }

  interfaceState(name: string): InterfaceState | null {
    return this.interfaces.state(name);
  }

  interfaceNames(): readonly string[] {
    return this.interfaces.names();
  }

  arpIgnore(name: string): number {
    return this.arpIgnoreOf.get(name) ?? 0;
  }

  arpProblems(): readonly ArpProblem[] {
    return this.arpProblemsNow.problems;
  }

  /** Nothing changes here unnoticed. */
  readInterfaces(): void {}

  watchInterfaces(listener: (name: string) => void): void {
    this.listeners.onChange(listener);
  }

  addInterface(desired: VirtualInterface): HostError | null {
    return this.interfaces.make(desired) ? null : {
      code: "EEXIST",
      message: `there is an interface ${desired.name} already that is not vipd's`,
    };
  }

  removeInterface(name: string): HostError | null {
    this.interfaces.remove(name);
    return null;
  }

  setInterfaceUp(name: string, up: boolean): HostError | null {
    if (up && !this.arpProblemsNow.stay) this.arpProblemsNow = { problems: [] };
    return this.interfaces.setMade(name, up)
      ? null
      : { code: "ENODEV", message: `there is no interface ${name}` };
  }

  restoreInterface({ name }: VirtualInterface): HostError | null {
    this.interfaces.mark(name, true);
    return null;
  }

  ownInterfaces(): readonly string[] {
    return this.interfaces.marked();
  }

  openVrrp(
    _interfaceName: string,
    family: Family,
    receive: (datagram: VrrpDatagram) => void,
    { multicast = true, groups = [VRRP_GROUP[family]] }: VrrpPortOptions = {},
  ): VrrpPort {
    const close = this.listeners.onDatagram({ family, groups: multicast ? groups : [], receive });
    return {
      send: (payload, source, destination, ttl) =>
        this.sendError ?? this.#send(payload, source, destination, ttl),
      expect: () => null,
      close,
    };
  }

  sendVrrpAs(
    mac: MacAddress,
    _interfaceName: string,
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
  ): HostError | null {
    if (this.sendError && this.framesFail) return this.sendError;
    this.sentAs.add(formatMac(mac));
    return this.#send(payload, source, destination, undefined);
  }

  openVrrpTap(
    _interfaceName: string,
    family: Family,
    heard: (datagram: VrrpDatagram, from: MacAddress) => void,
  ): VrrpTap {
    let end: (() => void) | null = null;
    const listen = (listening: boolean) => {
      if (listening === (end !== null)) return null;
      end?.();
      end = listening
        ? this.listeners.onFrame((datagram, from) => {
          if (familyOf(datagram.source) === family) heard(datagram, from);
        })
        : null;
      this.taps.listening += listening ? 1 : -1;
      return null;
    };
    this.taps.opened++;
    this.taps.open++;
    listen(true);
    return {
      listen,
      close: () => {
        listen(false);
        this.taps.open--;
      },
    };
  }

  addAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    const refusal = this.refuses.get(address.address);
    if (refusal) return refusal;
    if (!this.interfaces.isOwn(address)) this.carried.put(address, leaseSeconds);
    return null;
  }

  /** Here nothing is cheaper together. */
  addNewAddresses(): ReadonlySet<VirtualAddress> {
    return new Set();
  }

  renewAddresses(addresses: readonly VirtualAddress[], leaseSeconds: number): void {
    for (const address of addresses) {
      if (!this.interfaces.isOwn(address)) this.carried.put(address, leaseSeconds);
    }
  }

  demoteAddress(address: VirtualAddress, leaseSeconds?: number): HostError | null {
    this.removeAddress(address);
    return this.addAddress(address, leaseSeconds);
  }

  removeAddress(address: VirtualAddress): HostError | null {
    this.carried.remove((other) => sameAddress(other, address));
    return null;
  }

  /** The virtual network has no connections: nothing is to be kept for them. */
  drainAddress(address: VirtualAddress): HostError | null {
    return this.removeAddress(address);
  }

  forwardConnections(): HostError | null {
    return null;
  }

  markedAddresses(): readonly MarkedAddress[] {
    return this.carried.marked;
  }

  blockPackets(addresses: readonly VirtualAddress[]): HostError | null {
    if (this.blockProblem) return { code: "EOPNOTSUPP", message: this.blockProblem };
    this.blocked = [...addresses];
    return null;
  }

  announce({ address, device }: VirtualAddress): HostError | null {
    this.announcements++;
    this.announced.push(address);
    if (this.linkUp) this.network.announce(this, { address, mac: this.interfaces.macOn(device) });
    return null;
  }

  addRouting(entry: RoutingEntry): HostError | null {
    const network = entry.to ?? (entry.kind === "rule" ? entry.from : null);
    const refusal = network && this.refuses.get(network.address);
    if (refusal) return refusal;
    this.entries = [...this.entries.filter((other) => !sameRouting(other, entry)), entry];
    return null;
  }

  removeRouting(entry: RoutingEntry): HostError | null {
    this.entries = this.entries.filter((other) => !sameRouting(other, entry));
    return null;
  }

  ownRouting(): readonly RoutingEntry[] {
    return this.entries;
  }

  watchRouting(listener: () => void): void {
    this.listeners.onRouting(listener);
  }

  openClaims(
    _interfaceName: string,
    _family: Family,
    addresses: readonly IpAddress[],
    heard: (claim: HeardClaim) => void,
  ): ClaimPort {
    const close = this.listeners.onClaim({ addresses, heard });
    return {
      probe: (address) => {
        if (this.linkUp) this.network.probe(this, address);
        return null;
      },
      close,
    };
  }

  lock(resource: string): LockHolder | null {
    return this.lockedElsewhere.get(resource) ?? null;
  }

  unlock(): void {}

  droppingRules({ direction }: FilteredAdvert): readonly FilterDrop[] {
    return this.dropping[direction];
  }

  lockHolder(resource: string): LockHolder | null {
    return this.lockedElsewhere.get(resource) ?? null;
  }

  openProber(check: CheckConfig, report: (result: ProbeResult) => void): Prober {
    return this.checks.openProber(check, report);
  }

  runProgram(run: TimedProgramRun, ended: (result: ProbeResult) => void): () => void {
    return this.checks.runProgram(run, ended);
  }

  #send(
    payload: Uint8Array,
    source: IpAddress,
    destination: IpAddress,
    ttl: number | undefined,
  ): HostError | null {
    if (!this.linkUp) return { code: "ENETDOWN", message: "the link is down" };
    // A datagram with the TTL 0 may not go beyond this machine (RFC 1112 section 6.1).
    if (ttl !== 0) this.network.send(this, payload, source, destination, ttl);
    return null;
  }
}
