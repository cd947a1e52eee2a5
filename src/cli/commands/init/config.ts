/**
 * The configuration that `vipd init` writes, and the command for the other node.
 *
 * @module
 */

import { readVirtualAddress } from "../../../config/values/virtual_address.ts";
import type { InterfaceState } from "../../../host/interfaces.ts";
import { ownPlaceOf } from "../../../vip/addresses.ts";
import { familyOf, type IpAddress, isInNetwork, isIpv6LinkLocal } from "../../../wire/address.ts";

export type Role = "master" | "backup";
export const ROLES: readonly Role[] = ["master", "backup"];

/** The higher one is the master's; the other node gets the lower one. */
const PRIORITY: Readonly<Record<Role, number>> = { master: 150, backup: 100 };

/** The answers of the user. */
export interface Answers {
  /** With or without a prefix length. */
  readonly addresses: readonly string[];
  readonly vrid: number;
  readonly role: Role;
  /** Empty: the interface that can reach the first address. */
  readonly interface: string;
  /** The other nodes, if multicast does not pass. */
  readonly peers: readonly IpAddress[];
}

/** The facts about this machine. */
export interface Machine {
  readonly hostname: string;
  readonly interfaces: readonly InterfaceState[];
  /** keepalived runs. */
  readonly keepalived: boolean;
  readonly nginx: boolean;
  /** Whether `GET http://127.0.0.1/` succeeds. */
  readonly nginxAnswers: boolean;
}

/** An instance with all decisions made. */
export interface Plan {
  readonly node: string;
  readonly interface: string;
  /** None of its networks has the first address, so nobody finds it who does not know its name. */
  readonly offLink: boolean;
  /** The interface's own address in the family of the virtual ones. */
  readonly source: IpAddress | null;
  /** With prefix length. */
  readonly addresses: readonly string[];
  readonly vrid: number;
  readonly role: Role;
  readonly peers: readonly IpAddress[];
  readonly nginx: boolean;
  readonly nginxAnswers: boolean;
}

/** Decides what the user left open; a text says why that is impossible. */
export function planInit(answers: Answers, machine: Machine): Plan | string {
  const first = readVirtualAddress(answers.addresses[0]!);
  if (!first.ok) return `--address ${answers.addresses[0]}: ${first.problem.message}`;
  const address = first.value.address;
  const [own] = ownPeers(answers.peers, machine.interfaces);
  if (own !== undefined) return `--peer ${own} is this node's own address: name the other node's`;
  const carrier = answers.interface === ""
    ? carrierOf(address, machine.interfaces)
    : machine.interfaces.find(({ name }) => name === answers.interface);
  if (!carrier) {
    const wanted = answers.interface === ""
      ? `no interface has an address in the network of ${address}; name one with --interface`
      : `there is no interface ${answers.interface}`;
    return `${wanted}. There are:\n${interfaceLines(machine.interfaces)}`;
  }
  const link = onLink(carrier, address);
  const length = link?.prefixLength ?? (familyOf(address) === "ipv4" ? 32 : 128);
  const addresses = answers.addresses.map((text) =>
    text.includes("/") ? text : `${text}/${length}`
  );
  const ownAddress = ownAddressProblem(answers.addresses, carrier.name, machine);
  if (ownAddress !== null) return `--address: ${ownAddress}`;
  const source = carrier.addresses.find((it) => familyOf(it.address) === familyOf(address));
  const { vrid, role, peers } = answers;
  const { hostname, nginx, nginxAnswers } = machine;
  const node = hostname.split(".")[0]!;
  return {
    ...{ node, interface: carrier.name, offLink: link === undefined },
    source: source?.address ?? null,
    ...{ addresses, vrid, role, peers, nginx, nginxAnswers },
  };
}

/**
 * Why these cannot be virtual addresses of this machine: it has one of them of its own, so both nodes would answer for
 * it; `null` if it has none. A link-local one means something else on another interface.
 *
 * @param name the interface of the virtual addresses
 */
export function ownAddressProblem(
  texts: readonly string[],
  name: string,
  { interfaces, keepalived }: Pick<Machine, "interfaces" | "keepalived">,
): string | null {
  for (const text of texts) {
    const read = readVirtualAddress(text);
    if (!read.ok) continue;
    const { address } = read.value;
    const place = ownPlaceOf({ ...read.value, device: name }, interfaces);
    if (place === null) continue;
    const { device, prefixLength } = place;
    const found =
      `${address} is this node's own address on ${device}: choose one that no machine has, or `;
    return found +
      (keepalived
        ? "stop keepalived, which runs here and may have added it (vipd import reads its configuration)"
        : `take it off first (ip address del ${address}/${prefixLength} dev ${device})`);
  }
  return null;
}

/** The interface's address in the same network as `address`. */
function onLink(carrier: InterfaceState, address: IpAddress) {
  return carrier.name === "lo"
    ? undefined
    : carrier.addresses.find((own) => isInNetwork(address, own.address, own.prefixLength));
}

/** The interface that can reach an address, with or without a prefix length. */
export function carrierOf(
  address: string,
  interfaces: readonly InterfaceState[],
): InterfaceState | undefined {
  return interfaces.find((it) => onLink(it, address.split("/")[0]!));
}

/** Those of the peers that are addresses of this machine. */
export function ownPeers(
  peers: readonly IpAddress[],
  interfaces: readonly InterfaceState[],
): readonly IpAddress[] {
  const own = interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  return peers.filter((peer) => own.includes(peer));
}

/** One line for each interface and its addresses. */
export function interfaceLines(interfaces: readonly InterfaceState[]): string {
  return interfaces.map(({ name, up, addresses }) => {
    const list = addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    return `  ${name} (${up ? "up" : "down"}): ${list.join(", ") || "no address"}`;
  }).join("\n");
}

/** The text of the file. */
export function configText(plan: Plan, interfaces: readonly InterfaceState[]): string {
  const { role, vrid } = plan;
  const other = role === "master" ? "backup" : "master";
  const found = interfaceLines(interfaces).split("\n").map((line) => `#${line}\n`).join("");
  return `# yaml-language-server: $schema=vipd.schema.json
#
# vipd on ${plan.node}, the ${role} of a pair. Written by: vipd init
# Every key: vipd man vipd.yaml. After a change: vipd check --probe && vipd reload.
#
# The interfaces of this machine were:
${found}
node: ${JSON.stringify(plan.node)} # the name of this machine in status, metrics and messages

${checksText(plan)}instances:
  - name: VI_1
    interface: ${JSON.stringify(plan.interface)} # where the two nodes hear each other
    vrid: ${vrid} # the pair's number: the same on both nodes, no other pair on this network has it
    priority: ${PRIORITY[role]} # the higher one holds the address; the ${other} has ${
    PRIORITY[other]
  }
    version: 3 # 2 where the other node is a keepalived without "version 3"
    advert_interval: 1s # how often the master speaks; the same on both nodes
    preempt: true # the higher priority takes the address back when it returns
    sole_backup: true # the pair has two nodes: the backup takes over at once when the master says goodbye
${unicastText(plan)}    addresses: # what the clients connect to; only the master has it
${plan.addresses.map((address) => `      - ${address}\n`).join("")}${trackText(plan)}`;
}

function checksText({ nginx, nginxAnswers }: Plan): string {
  const http = `  nginx-http:
    type: http # is nginx right? asked every 2 seconds; two failures in a row and it counts as failed
    url: http://127.0.0.1/
    interval: 2s
    timeout: 1s
`;
  if (!nginx) {
    return `# No nginx was found here, so nothing is checked: this node is master while it runs. For a check of it
# remove the # of these lines and of those at the end of the instance.
# checks:
${commented(http)}
`;
  }
  const missing =
    "# Nothing answered http://127.0.0.1/ well when this was written; once something does, remove the # of\n" +
    "# this check and of its lines at the end of the instance:\n";
  return `checks:
  nginx-process:
    type: process # does nginx run? its death is noticed at once
    process: nginx
    interval: 2s
    grace: 1s # a restart of nginx that takes no longer moves nothing
${nginxAnswers ? http : missing + commented(http)}
`;
}

/** Lines that count once the `# ` in front of each is removed. */
function commented(lines: string): string {
  return lines.split("\n").map((line) => line && `# ${line}\n`).join("");
}

function trackText({ nginx, nginxAnswers }: Plan): string {
  const track = "    track: # without more, a failure means: not master, whatever the priority\n";
  const http = "      - check: nginx-http # may fail with the backends, on both nodes at once:\n" +
    "        when_down: last_resort # the node then serves only if the other one is no better\n";
  // A check that may fail on both nodes is never offered without the line that keeps the address then.
  if (!nginx) return commented(track + http);
  return `${track}      - check: nginx-process\n${nginxAnswers ? http : commented(http)}`;
}

function unicastText({ peers }: Plan): string {
  if (peers.length === 0) return "";
  return `    unicast: # adverts go to these nodes only, for networks without multicast
      peers: [${peers.map((peer) => JSON.stringify(peer)).join(", ")}]
`;
}

/** The command for the other node. */
export function otherNodeCommand(plan: Plan): string {
  const peers = plan.peers.length > 0 && plan.source !== null && !isIpv6LinkLocal(plan.source)
    ? [`--peer ${plan.source}`]
    : [];
  return [
    "vipd init",
    ...plan.addresses.map((address) => `--address ${address}`),
    `--vrid ${plan.vrid}`,
    `--role ${plan.role === "master" ? "backup" : "master"}`,
    ...(plan.offLink ? [`--interface ${plan.interface}`] : []),
    ...peers,
  ].join(" ");
}
