/**
 * The remains of an engine that died are removed from the machine, and its instances say goodbye, as it would have done:
 * first the addresses go, then priority 0 leaves, so that at no moment two nodes have them. Synchronous.
 *
 * It touches only what the configuration has, the machine shows vipd's mark on and no other engine has locked, and what
 * is that engine's: its record names it, or no other program of this machine speaks VRRP. The record may be older than
 * the last reload, or missing, because the engine waits for no disk. Of an instance that finds none of its addresses
 * nothing is said, because its mastership ended before. Its routes, rules and virtual interface go even so: they have no
 * lease.
 *
 * @module
 */

import type { Config, InstanceConfig } from "../config/model.ts";
import { type HostError, isHostError } from "../host/errors.ts";
import type { GoodbyeHost } from "../host/goodbye_host.ts";
import { type PlacedAddress, sameAddress, type VirtualAddress } from "../vip/addresses.ts";
import { type RoutingEntry, routingText, sameRouting } from "../vip/routing.ts";
import type { IpAddress } from "../wire/address.ts";
import { virtualRouterMac } from "../wire/ethernet.ts";
import { PRIORITY_RELEASE } from "../wire/vrrp.ts";
import { AdvertSender } from "./instance/adverts/advert_sender.ts";
import { authenticationField } from "./instance/adverts/authentication_field.ts";
import type { SendMarks } from "./instance/adverts/send_marks.ts";
import { possibleSources } from "./instance/adverts/source_address.ts";
import {
  addressResource,
  holderText,
  interfaceResource,
  routingResource,
} from "./resources/resource_owners.ts";
import {
  isRecordOf,
  RECORD_EVERY_MS,
  type RecordedInstance,
  type ResourceRecord,
} from "./resources/resource_record.ts";

/** An engine that stopped writing its record has been dead for longer, or stood still; in milliseconds. */
const LATE_RECORD_MS = 5000;

/** The outcome for an instance of which something was left. */
export interface Goodbye {
  readonly instance: string;
  /** Addresses that are off now. */
  readonly removed: readonly VirtualAddress[];
  /** Routes, rules and the virtual interface that are gone now, as text. */
  readonly alsoRemoved: readonly string[];
  /** Work that could not be done, one sentence each. Unless everything is off, nothing is said. */
  readonly problems: readonly string[];
  /** The source of priority 0; `null` when it did not leave. */
  readonly said: IpAddress | null;
}

/** The machine at the begin of a goodbye. */
interface Found {
  /** The addresses with vipd's mark; `null` if the kernel has no marks. */
  readonly marked: readonly PlacedAddress[] | null;
  /** No other vipd can have put there what carries the mark. */
  readonly alone: boolean;
  /** True of an address that the record has, whichever instance it was of. */
  readonly isNamed: (address: PlacedAddress) => boolean;
}

/** An instance of which something is left. */
interface Left {
  readonly config: InstanceConfig;
  readonly source: IpAddress | null;
  readonly addresses: readonly VirtualAddress[];
  readonly routing: readonly RoutingEntry[];
  readonly virtualInterface: string | null;
}

/** The remains without a lease, which stay until somebody removes them. */
type Lasting = Pick<Left, "routing" | "virtualInterface">;

interface Owned {
  readonly routing: boolean;
  readonly link: boolean;
}

const UNTOUCHED = { removed: [], alsoRemoved: [], said: null } as const;

/**
 * Removes what is left and says goodbye; returns the outcome for each instance of which something was left.
 *
 * @param record `null`: the engine has left none
 */
export function sayGoodbye(
  config: Config,
  record: ResourceRecord | null,
  host: GoodbyeHost,
  marks: SendMarks,
): Goodbye[] {
  const left: Left[] = [];
  const farewells: Goodbye[] = [];
  const found = foundOn(host, record);
  for (const recorded of instancesOf(config, record)) {
    const past = record !== null && isPast(recorded, record, host);
    const remains = leftOf(config, recorded, { ...found, past }, host);
    if (remains === null) continue;
    if ("problems" in remains) farewells.push(remains);
    else left.push(remains);
  }
  // All go before anybody speaks: members of a sync group and shared addresses move together.
  const taken = left.map((each) => ({ each, problems: takeOff(each, host) }));
  const said = taken.map(({ each, problems }) => goodbyeOf(each, problems, host, marks));
  return [...farewells, ...said];
}

/** True if vipd left something that is configured, by the kernel's marks alone: whether to look further without a record. */
export function hasRemains({ instances }: Config, host: GoodbyeHost): boolean {
  const { marked, alone } = foundOn(host, null);
  if (!alone) return false;
  return instances.some((config) => {
    if (config.addresses.some((it) => marked!.some((other) => sameAddress(other, it)))) return true;
    const { routing, virtualInterface } = lastingOf(config, { routing: true, link: true }, host);
    return routing.length > 0 || virtualInterface !== null;
  });
}

function foundOn(host: GoodbyeHost, record: ResourceRecord | null): Found {
  const named = record?.instances.flatMap(({ addresses }) => addresses) ?? [];
  return {
    marked: host.marksAddresses ? host.markedAddresses() : null,
    alone: host.marksAddresses && !host.othersSpeak,
    isNamed: (address) => named.some((other) => sameAddress(other, address)),
  };
}

/** The instances of the record, and those of the configuration that it lacks. */
function instancesOf({ instances }: Config, record: ResourceRecord | null): RecordedInstance[] {
  const recorded = record?.instances ?? [];
  const others = instances.filter((each) => !recorded.some((other) => isRecordOf(other, each)));
  return [
    ...recorded,
    ...others.map(({ interface: name, family, vrid, leaseSeconds }) => ({
      ...{ interface: name, family, vrid, leaseSeconds },
      ...{ held: false, source: null, addresses: [] },
    })),
  ];
}

/** The remains of the instance, a reason to leave it alone, or `null` for nothing. */
function leftOf(
  { instances }: Config,
  recorded: RecordedInstance,
  found: Found & { readonly past: boolean },
  host: GoodbyeHost,
): Left | Goodbye | null {
  const config = instances.find((each) => isRecordOf(recorded, each));
  // It may have died between the addresses and the record of them.
  const unnamed = found.alone ? config?.addresses.filter((it) => !found.isNamed(it)) ?? [] : [];
  const named = recorded.held || found.alone ? recorded.addresses : [];
  const present = found.past
    ? []
    : [...named, ...unnamed].filter((address) => isThere(address, found, host));
  const { routing, virtualInterface } = config
    ? lastingOf(config, ownedOf(config, recorded, found), host)
    : { routing: [], virtualInterface: null };
  if (present.length + routing.length === 0 && virtualInterface === null) return null;
  const router = config?.name ?? `VRID ${recorded.vrid} on ${recorded.interface}`;
  const elsewhere = present.flatMap((address) => {
    const { lock, text } = addressResource(address);
    const holder = host.lockHolder(lock);
    return holder === null
      ? []
      : [`${text} belongs to another daemon, ${holderText(holder)}, so it stays`];
  });
  if (elsewhere.length > 0) {
    return { ...UNTOUCHED, instance: router, problems: elsewhere };
  }
  const addresses = (config?.addresses ?? []).filter((address) =>
    present.some((other) => sameAddress(other, address))
  );
  if (!config || addresses.length < present.length) {
    const problem = "the configuration does not have all of it any more, so it stays as it is: " +
      present.map(({ address }) => address).join(", ");
    return { ...UNTOUCHED, instance: router, problems: [problem] };
  }
  const virtual = new Set(
    instances.flatMap((each) => each.addresses.map(({ address }) => address)),
  );
  const state = host.interfaceState(config.interface);
  const own = state ? possibleSources(state, config, (address) => virtual.has(address)) : [];
  const usable = own.filter(({ unusable }) => unusable === undefined).map(({ address }) => address);
  // The source of its adverts is the one by which its peers know it.
  const source = usable.find((address) => address === recorded.source) ?? usable[0];
  return { config, addresses, routing, virtualInterface, source: source ?? recorded.source };
}

/** Whether the routes and rules, and whether the virtual interface, can be the dead engine's. */
function ownedOf(
  { virtualInterface }: InstanceConfig,
  { held, addresses }: RecordedInstance,
  { alone }: Found,
): Owned {
  return {
    routing: held || alone,
    // A backup has it, too: it is there as long as the instance.
    link: alone || addresses.some(({ device }) => device === virtualInterface),
  };
}

/** Those with vipd's mark that no other engine has locked. */
function lastingOf(
  { routing, virtualInterface: name }: InstanceConfig,
  owned: Owned,
  host: GoodbyeHost,
): Lasting {
  const own = owned.routing && routing.length > 0 ? host.ownRouting() : [];
  const isLeft = owned.link && name !== undefined && host.ownInterfaces().includes(name) &&
    host.lockHolder(interfaceResource(name).lock) === null;
  return {
    routing: routing.filter((entry) =>
      own.some((other) => sameRouting(other, entry)) &&
      host.lockHolder(routingResource(entry).lock) === null
    ),
    virtualInterface: isLeft ? name : null,
  };
}

/** The kernel has taken the addresses of one that died so long ago: those that are there are another's. */
function isPast(
  { leaseSeconds }: RecordedInstance,
  { writtenAtMs }: ResourceRecord,
  host: GoodbyeHost,
): boolean {
  const longestMs = RECORD_EVERY_MS + LATE_RECORD_MS + (leaseSeconds ?? Infinity) * 1000;
  return host.wallClockMs() - writtenAtMs > longestMs;
}

function isThere(address: PlacedAddress, { marked }: Found, host: GoodbyeHost): boolean {
  if (marked !== null) return marked.some((other) => sameAddress(other, address));
  const { addresses = [] } = host.interfaceState(address.device) ?? {};
  return addresses.some((other) => other.address === address.address);
}

/** In the order of a stop: routes and rules, addresses, the interface with the virtual MAC address. */
function takeOff({ addresses, routing, virtualInterface }: Left, host: GoodbyeHost): string[] {
  const problems: string[] = [];
  const note = (what: string, error: HostError | null) => {
    if (error) problems.push(`${what} stays: ${error.message}`);
  };
  for (const entry of routing.toReversed()) note(routingText(entry), host.removeRouting(entry));
  for (const address of addresses.toReversed()) {
    note(`${address.address}/${address.prefixLength}`, host.removeAddress(address));
  }
  if (virtualInterface !== null) {
    note(interfaceResource(virtualInterface).text, host.removeInterface(virtualInterface));
  }
  return problems;
}

function goodbyeOf(
  left: Left,
  problems: readonly string[],
  host: GoodbyeHost,
  marks: SendMarks,
): Goodbye {
  const instance = left.config.name;
  // A second node would have what stays.
  if (problems.length > 0) return { ...UNTOUCHED, instance, problems };
  const { addresses: removed, routing, virtualInterface } = left;
  const links = virtualInterface === null ? [] : [interfaceResource(virtualInterface).text];
  const alsoRemoved = [...routing.map(routingText), ...links];
  const gone = { instance, removed, alsoRemoved };
  // The lease has ended its mastership: another node has the addresses by now.
  if (removed.length === 0) return { ...gone, problems: [], said: null };
  const said = speak(left, host, marks);
  return typeof said === "string"
    ? { ...gone, problems: [`priority 0 did not leave: ${said}`], said: null }
    : { ...gone, problems: [], said: left.source };
}

/** Priority 0 as that instance would send it; returns why it did not leave. */
function speak({ config, source }: Left, host: GoodbyeHost, marks: SendMarks): string | null {
  const { interface: name, family, vrid } = config;
  if (source === null) return `${name} has no address to speak from`;
  const port = host.openVrrp(name, family, () => {}, { multicast: false });
  if (isHostError(port)) return port.message;
  let problem = "";
  const sender = new AdvertSender(config, authenticationField(config), {
    host: {
      nowMs: () => host.wallClockMs(),
      wallClockMs: () => host.wallClockMs(),
      // The process ends: nothing is tried again.
      setTimer: () => () => {},
      interfaceState: (device) => host.interfaceState(device),
      sendVrrpAs: (...frame) => host.sendVrrpAs(...frame),
    },
    ports: { get: () => port },
    marks,
    virtualMac: config.virtualInterface === undefined ? null : virtualRouterMac(family, vrid),
    outcome: ({ left, error }) => problem = left ? "" : error?.message ?? "",
  });
  sender.send(PRIORITY_RELEASE, source);
  port.close();
  return sender.counters.priority_zero_sent > 0 ? null : problem;
}
