/**
 * Objections of this machine to an answer to `vipd init`, with the answer that is probably meant: the same for options
 * and for the dialogue.
 *
 * @module
 */

import { readVirtualAddress } from "../../../config/values/virtual_address.ts";
import type { InterfaceState } from "../../../host/interfaces.ts";
import { ownPlaceOf } from "../../../vip/addresses.ts";
import {
  type Family,
  familyOf,
  formatIp,
  type IpAddress,
  isInNetwork,
  isIpv6LinkLocal,
  parseIp,
} from "../../../wire/address.ts";
import type { Answers, MachineFacts } from "./model.ts";

export interface Slip {
  /** A clause without a full stop. */
  readonly problem: string;
  /** The whole answer that is probably meant. */
  readonly proposal?: string;
  /** Rare networks are like that: a person who insists may have it. */
  readonly isDoubt: boolean;
}

const FAMILY_NAMES: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };

const BITS: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** An interface, and its address in the network of another one. */
export interface Link {
  readonly device: string;
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** The networks that have an address, those of the interface of that name first. */
export function linksOf(
  address: IpAddress,
  interfaces: readonly InterfaceState[],
  named = "",
): readonly Link[] {
  const [first, others] = [true, false].map((isNamed) =>
    interfaces.filter(({ name }) => name !== "lo" && (name === named) === isNamed)
  );
  return [...first!, ...others!].flatMap(({ name, addresses }) =>
    addresses
      .filter((own) => isInNetwork(address, own.address, own.prefixLength))
      .map((own) => ({ ...own, device: name }))
  );
}

/** Against virtual addresses; `named` is the interface, or empty if it is not known yet. */
export function addressSlip(
  texts: readonly string[],
  named: string,
  machine: Pick<MachineFacts, "interfaces" | "keepalived">,
): Slip | null {
  for (const [at, text] of texts.entries()) {
    const slip = oneAddressSlip(text, named, machine) ??
      (texts.indexOf(text) < at ? { problem: `${text} stands there twice`, proposal: "" } : null);
    if (slip === null) continue;
    const { problem, proposal, isDoubt = false } = slip;
    if (proposal === undefined) return { problem, isDoubt };
    const meant = texts.with(at, proposal).filter((each) => each !== "").join(" ");
    return { problem, proposal: meant, isDoubt };
  }
  return null;
}

type OneSlip = Omit<Slip, "isDoubt"> & { readonly isDoubt?: boolean };

function oneAddressSlip(
  text: string,
  named: string,
  machine: Pick<MachineFacts, "interfaces" | "keepalived">,
): OneSlip | null {
  const [address = "", written] = text.split("/");
  const [link] = linksOf(address, machine.interfaces, named);
  const read = readVirtualAddress(text);
  const inLink = link && readVirtualAddress(`${address}/${link.prefixLength}`);
  const proposal = inLink?.ok ? { proposal: `${address}/${link!.prefixLength}` } : {};
  if (!read.ok) return { problem: `${read.problem.message}; ${read.problem.hint}`, ...proposal };
  if (inLink?.ok === false) {
    return { problem: `${inLink.problem.message}; ${inLink.problem.hint}` };
  }
  const own = ownAddressProblem(text, named || (link?.device ?? ""), machine);
  if (own !== null) return { problem: own };
  const { prefixLength } = read.value;
  const bits = BITS[familyOf(address)];
  // An address that stands for itself alone is right in every network, and without any.
  if (written !== undefined && prefixLength === bits) return null;
  if (link === undefined) return offLinkSlip(address, named, machine.interfaces);
  if (written === undefined || prefixLength === link.prefixLength) return null;
  const problem = `${text}: the network of ${link.device} is ${networkText(link)}, and a prefix ` +
    `length other than ${link.prefixLength} changes to where this node sends packets`;
  return { problem, ...proposal, isDoubt: true };
}

function offLinkSlip(
  address: IpAddress,
  named: string,
  interfaces: readonly InterfaceState[],
): OneSlip {
  const family = familyOf(address);
  const possible = interfaces
    .filter(({ name }) => name !== "lo" && (named === "" || name === named))
    .flatMap(({ name, addresses }) => addresses.map((own) => ({ ...own, device: name })))
    .filter((own) => familyOf(own.address) === family && !isIpv6LinkLocal(own.address));
  const networks = new Set(possible.map((link) => `${networkText(link)} on ${link.device}`));
  const there = networks.size === 0
    ? `this node has no ${FAMILY_NAMES[family]} network`
    : `this node has ${Array.from(networks).join(", ")}`;
  const problem = `no interface has an address in the network of ${address}: ${there}; if a ` +
    `router sends ${address} to the nodes, write ${address}/${BITS[family]}`;
  const [link] = possible;
  if (networks.size !== 1 || link === undefined) return { problem, isDoubt: true };
  const meant = `${mergedAddress(address, link)}/${link.prefixLength}`;
  const isFree = readVirtualAddress(meant).ok &&
    ownPlaceOf({ ...cidrOf(meant), device: link.device }, interfaces) === null;
  return { problem, isDoubt: true, ...(isFree && { proposal: meant }) };
}

/**
 * Why this cannot be a virtual address: the machine has it of its own, so both nodes would answer for it; `null` if it
 * has not. A link-local one means something else on another interface.
 *
 * @param name the interface of the virtual addresses
 */
function ownAddressProblem(
  text: string,
  name: string,
  { interfaces, keepalived }: Pick<MachineFacts, "interfaces" | "keepalived">,
): string | null {
  const read = readVirtualAddress(text);
  const place = read.ok ? ownPlaceOf({ ...read.value, device: name }, interfaces) : null;
  if (!read.ok || place === null) return null;
  const { address } = read.value;
  const { device, prefixLength } = place;
  const found =
    `${address} is this node's own address on ${device}: choose one that no machine has, or `;
  return found +
    (keepalived
      ? "stop keepalived, which runs here and may have added it (vipd import reads its configuration)"
      : `remove it first (ip address del ${address}/${prefixLength} dev ${device})`);
}

/** Against the interface of the adverts. */
export function interfaceSlip(
  named: string,
  addresses: readonly string[],
  { interfaces }: Pick<MachineFacts, "interfaces">,
): Slip | null {
  const [first = ""] = addresses;
  const links = linksOf(first.split("/")[0]!, interfaces);
  const proposed = (name: string | undefined) =>
    name === undefined || name === named ? {} : { proposal: name };
  const found = interfaces.find(({ name }) => name === named);
  if (named === "lo") {
    const problem = "adverts on lo reach no other node: name the interface that the nodes share";
    return { problem, isDoubt: false, ...proposed(links[0]?.device) };
  }
  if (found === undefined) {
    const similar = interfaces.find(({ name }) => name.toLowerCase() === named.toLowerCase());
    const problem = `there is no interface ${JSON.stringify(named)}`;
    return { problem, isDoubt: false, ...proposed(similar?.name ?? links[0]?.device) };
  }
  const lacking = familiesOf(addresses).find((family) =>
    !found.addresses.some((own) => familyOf(own.address) === family)
  );
  if (lacking !== undefined) {
    const problem = `${named} has no ${
      FAMILY_NAMES[lacking]
    } address, from which adverts could come`;
    return { problem, isDoubt: true, ...proposed(links[0]?.device) };
  }
  if (links.length === 0 || links.some(({ device }) => device === named)) return null;
  const { device } = links[0]!;
  const problem =
    `the network of ${first} is on ${device}, not on ${named}: if the adverts are to ` +
    `pass on ${named} all the same, the address goes to ${device}`;
  return { problem, isDoubt: true, proposal: device };
}

/** Against addresses of other nodes. */
export function peerSlip(
  peers: readonly IpAddress[],
  { addresses, interface: named }: Pick<Answers, "addresses" | "interface">,
  { interfaces }: Pick<MachineFacts, "interfaces">,
): Slip | null {
  if (peers.length === 0) return null;
  const impossible = (problem: string): Slip => ({ problem, isDoubt: false });
  const [own] = ownPeers(peers, interfaces);
  if (own !== undefined) {
    return impossible(`${own} is this node's own address: name the other node's`);
  }
  const virtual = peers.find((peer) => addresses.some((text) => text.split("/")[0] === peer));
  if (virtual !== undefined) {
    const always = "name the address that the other node always has";
    return impossible(`${virtual} is the virtual address: ${always}`);
  }
  const families = familiesOf(addresses);
  const foreign = peers.find((peer) => !families.includes(familyOf(peer)));
  if (foreign !== undefined) {
    const wanted = families.map((family) => FAMILY_NAMES[family]).join(" and ");
    return impossible(`${foreign} is not ${wanted}, as the virtual addresses are`);
  }
  const lacking = families.find((family) => !peers.some((peer) => familyOf(peer) === family));
  if (lacking !== undefined) {
    const name = FAMILY_NAMES[lacking];
    return impossible(`the ${name} addresses need an ${name} address of the other node, too`);
  }
  const networks = interfaces.find(({ name }) => name === named)?.addresses ?? [];
  for (const peer of peers) {
    const network = networks.find((it) => isInNetwork(peer, it.address, it.prefixLength));
    if (network === undefined) {
      const problem = `${peer} is in none of the networks of ${named}, so a router is between ` +
        "the nodes";
      return { problem, isDoubt: true };
    }
    const read = readVirtualAddress(`${peer}/${network.prefixLength}`);
    if (!read.ok) return impossible(read.problem.message);
  }
  return null;
}

/** The peers that are addresses of this machine. */
function ownPeers(
  peers: readonly IpAddress[],
  interfaces: readonly InterfaceState[],
): readonly IpAddress[] {
  const own = interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  return peers.filter((peer) => own.includes(peer));
}

/** The families of addresses with or without a prefix length, that of the first one first. */
export function familiesOf(texts: readonly string[]): readonly Family[] {
  return Array.from(new Set(texts.map((text) => familyOf(text.split("/")[0]!))));
}

function cidrOf(text: string) {
  const [address = "", length] = text.split("/");
  return { address, prefixLength: Number(length) };
}

/** The network's own address, `192.168.31.0/24`. */
function networkText(link: Omit<Link, "device">): string {
  const zero = familyOf(link.address) === "ipv4" ? "0.0.0.0" : "::";
  return `${mergedAddress(zero, link)}/${link.prefixLength}`;
}

/** The address with that host part in the network of another one. */
function mergedAddress(host: IpAddress, { address, prefixLength }: Omit<Link, "device">) {
  const network = parseIp(address)!;
  const octets = parseIp(host)!.map((octet, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - 8 * index));
    const mask = 0xff & (0xff << (8 - bits));
    return (network[index]! & mask) | (octet & ~mask & 0xff);
  });
  return formatIp(octets);
}
