/**
 * The configuration that `vipd init` writes, and the command for the other node.
 *
 * @module
 */

import type { InterfaceState } from "../../../host/interfaces.ts";
import { type Family, familyOf, type IpAddress, isIpv6LinkLocal } from "../../../wire/address.ts";
import type { Role } from "../../role.ts";
import type { Answers, MachineFacts } from "./model.ts";
import { addressSlip, familiesOf, interfaceSlip, linksOf, peerSlip } from "./slips.ts";

/** The higher one is the master's; the other node gets the lower one. */
const PRIORITY: Readonly<Record<Role, number>> = { master: 150, backup: 100 };

/** An instance with all decisions made. Its adverts name addresses of one family (RFC 9568 section 5.2.9). */
export interface InstancePlan {
  readonly name: string;
  /** With prefix length; `device` if another interface than that of the adverts carries it. */
  readonly addresses: readonly { readonly text: string; readonly device: string | null }[];
  /** The interface's own address in that family. */
  readonly source: IpAddress | null;
  readonly peers: readonly IpAddress[];
}

/** A configuration with all decisions made. */
export interface InitPlan {
  readonly node: string;
  readonly interface: string;
  /** The other node does not find the interface by the addresses. */
  readonly isInterfaceNamed: boolean;
  readonly vrid: number;
  readonly role: Role;
  /** One for each family, that of the first address first. */
  readonly instances: readonly InstancePlan[];
  /** Each is a clause about an unusual answer. */
  readonly doubts: readonly string[];
  readonly nginx: boolean;
  readonly nginxAnswers: boolean;
}

/** Decides what the user left open; a text says why that is impossible. */
export function planInit(answers: Answers, machine: MachineFacts): InitPlan | string {
  const { interfaces, hostname, nginx, nginxAnswers } = machine;
  const { addresses, peers, vrid, role } = answers;
  const first = addresses[0]!.split("/")[0]!;
  const named = answers.interface || linksOf(first, interfaces)[0]?.device;
  if (named === undefined) {
    return `no interface has an address in the network of ${first}; name one with --interface. ` +
      `There are:\n${interfaceLines(interfaces)}`;
  }
  const slips = [
    { option: "--interface", slip: interfaceSlip(named, addresses, machine) },
    { option: "--address", slip: addressSlip(addresses, named, machine) },
    {
      option: "--peer",
      slip: peerSlip(peers, { addresses, interface: named }, machine),
    },
  ].flatMap(({ option, slip }) => slip === null ? [] : [{ option, ...slip }]);
  const wrong = slips.find(({ isDoubt }) => !isDoubt);
  if (wrong?.option === "--interface") {
    return `${wrong.problem}. There are:\n${interfaceLines(interfaces)}`;
  }
  if (wrong) {
    // Of addresses that stand there twice, each is meant once, and shown already.
    const isNew = !wrong.proposal?.split(" ").every((text) => addresses.includes(text));
    const meant = wrong.proposal !== undefined && isNew ? ` (meant: ${wrong.proposal}?)` : "";
    return `${wrong.option}: ${wrong.problem}${meant}`;
  }
  const own = interfaces.find(({ name }) => name === named)?.addresses ?? [];
  const instances = familiesOf(addresses).map((family, index): InstancePlan => ({
    name: `VI_${index + 1}`,
    addresses: advertisedIn(family, addresses, vrid)
      .map((text) => placedAddress(text, named, interfaces)),
    source: sourceOf(family, own.map(({ address }) => address)),
    peers: peers.filter((peer) => familyOf(peer) === family),
  }));
  const link = linksOf(first, interfaces)[0];
  return {
    ...{ node: hostname.split(".")[0]!, interface: named },
    isInterfaceNamed: link?.device !== named,
    ...{ vrid, role, instances, nginx, nginxAnswers },
    doubts: slips.map(({ option, problem }) => `${option}: ${problem}`),
  };
}

/**
 * RFC 9568 section 5.2.9: the first IPv6 address is a link-local one. If none is given, it is the one of the virtual router's
 * MAC address (RFC 9568 section 7.3, RFC 4291 appendix A), which no other VRID has.
 */
function advertisedIn(family: Family, texts: readonly string[], vrid: number): readonly string[] {
  const own = texts.filter((text) => familyOf(text.split("/")[0]!) === family);
  if (family === "ipv4") return own;
  const local = own.filter((text) => isIpv6LinkLocal(text.split("/")[0]!));
  const first = local.length > 0
    ? local
    : [`fe80::200:5eff:fe00:${(0x200 + vrid).toString(16)}/64`];
  return [...first, ...own.filter((text) => !local.includes(text))];
}

/** With the prefix length of the network that has it, on the interface that does. */
function placedAddress(text: string, named: string, interfaces: readonly InterfaceState[]) {
  const [address = "", written] = text.split("/");
  const [link] = linksOf(address, interfaces, named);
  const length = written ?? link?.prefixLength ?? (familyOf(address) === "ipv4" ? 32 : 128);
  const isElsewhere = link !== undefined && link.device !== named && !isIpv6LinkLocal(address);
  const device = isElsewhere ? link.device : null;
  return { text: `${address}/${length}`, device };
}

/** An address that other networks know, too, if there is one. */
function sourceOf(family: Family, own: readonly IpAddress[]): IpAddress | null {
  const possible = own.filter((address) => familyOf(address) === family);
  return possible.find((address) => !isIpv6LinkLocal(address)) ?? possible[0] ?? null;
}

/** One line for each interface and its addresses. */
export function interfaceLines(interfaces: readonly InterfaceState[]): string {
  return interfaces.map(({ name, up, addresses }) => {
    const list = addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    return `  ${name} (${up ? "up" : "down"}): ${list.join(", ") || "no address"}`;
  }).join("\n");
}

/** The text of the file. */
export function configText(plan: InitPlan, interfaces: readonly InterfaceState[]): string {
  const { role } = plan;
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
${plan.instances.map((instance) => instanceText(instance, plan)).join("")}`;
}

function instanceText({ name, addresses, peers }: InstancePlan, plan: InitPlan): string {
  const { role, vrid } = plan;
  const other = role === "master" ? "backup" : "master";
  // Several peers, and each of them may take over.
  const sole = peers.length > 1 ? "" : `    sole_backup: true # ${SOLE_BACKUP}\n`;
  return `  - name: ${name}
    interface: ${JSON.stringify(plan.interface)} # where the two nodes hear each other
    vrid: ${vrid} # the pair's number: the same on both nodes, no other pair on this network has it
    priority: ${PRIORITY[role]} # the higher one holds the address; the ${other} has ${
    PRIORITY[other]
  }
    version: 3 # 2 where the other node is a keepalived without "version 3"
    advert_interval: 1s # how often the master speaks; the same on both nodes
    preempt: true # the higher priority takes the address back when it returns
${sole}${unicastText(peers)}    addresses: # what the clients connect to; only the master has it
${addresses.map(addressText).join("")}${trackText(plan)}`;
}

const SOLE_BACKUP =
  "the pair has two nodes: the backup takes over at once when the master says goodbye";

function addressText({ text, device }: InstancePlan["addresses"][number]): string {
  return device === null
    ? `      - ${text}\n`
    : `      - { address: "${text}", device: ${JSON.stringify(device)} }\n`;
}

function checksText({ nginx, nginxAnswers }: InitPlan): string {
  const http = `  nginx-http:
    type: http # is nginx right? asked every 2 seconds; two failures in a row and it counts as failed
    url: http://127.0.0.1/
    interval: 2s
    timeout: 1s
`;
  if (!nginx) {
    return `# No nginx was found here, so nothing is checked: this node is master while it runs. For a check of it
# remove the # of these lines and of those at the end of the instance.
#checks:
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

/** Lines that count once the `#` of each is removed: it has no blank behind it that would have to go, too. */
function commented(lines: string): string {
  return lines.replace(/^ *(?=\S)/gm, "$&#");
}

function trackText({ nginx, nginxAnswers }: InitPlan): string {
  const track = "    track: # without more, a failure means: not master, whatever the priority\n";
  const http = "      - check: nginx-http # may fail with the backends, on both nodes at once:\n" +
    "        when_down: last_resort # the node then serves only if the other one is no better\n";
  // A check that may fail on both nodes is never offered without the line that keeps the address then.
  if (!nginx) return commented(track + http);
  return `${track}      - check: nginx-process\n${nginxAnswers ? http : commented(http)}`;
}

function unicastText(peers: InstancePlan["peers"]): string {
  if (peers.length === 0) return "";
  return `    unicast: # adverts go to these nodes only, for networks without multicast
      peers: [${peers.map((peer) => JSON.stringify(peer)).join(", ")}]
`;
}

/** The `listen` that nginx needs on both nodes for IPv6; nothing without an address of it, or without nginx. */
export function nginxAdvice({ nginx, instances }: InitPlan): string {
  const addresses = instances.flatMap((instance) => instance.addresses);
  const isIpv6 = addresses.some(({ text }) => familyOf(text.split("/")[0]!) === "ipv6");
  return nginx && isIpv6
    ? "\nnginx must listen on IPv6 as well, on both: `listen 80;` is IPv4 alone. Next to it:\n  listen [::]:80;\n"
    : "";
}

/** The command for the other node. */
export function otherNodeCommand({ instances, ...plan }: InitPlan): string {
  const peers = instances.filter(({ peers }) => peers.length > 0)
    .flatMap(({ source }) =>
      source === null || isIpv6LinkLocal(source) ? [] : [`--peer ${source}`]
    );
  return [
    "vipd init",
    ...instances.flatMap(({ addresses }) => addresses.map(({ text }) => `--address ${text}`)),
    `--vrid ${plan.vrid}`,
    `--role ${plan.role === "master" ? "backup" : "master"}`,
    ...(plan.isInterfaceNamed ? [`--interface ${plan.interface}`] : []),
    ...peers,
  ].join(" ");
}
