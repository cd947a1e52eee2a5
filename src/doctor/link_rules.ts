/**
 * Findings about the link of an instance: the interface, and the other hosts on it.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { ambiguityText, ambiguousSources } from "../config/values/source_address.ts";
import type { MonitoredSender } from "../monitor/findings.ts";
import { advertisedAddresses } from "../vip/addresses.ts";
import {
  answersForNone,
  answersForOthers,
  arpEffect,
  arpProblems,
  type ArpSetting,
  BELOW_SETTINGS,
} from "../vip/arp_settings.ts";
import { type Family, familyOf, type IpAddress } from "../wire/address.ts";
import type { Facts, FilterFacts, InstanceFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { sysctlRemedy } from "./fix.ts";
import { addressMatches, judgeIptables } from "./iptables.ts";
import { judgeNftables } from "./nftables.ts";
import type { Advert, FilterJudgement } from "../firewall/packet_filter.ts";

/** One instance's findings, the first cause first. */
export function linkFindings(instance: InstanceFacts, facts: Facts): Finding[] {
  const { state } = instance;
  const own = interfaceFindings(instance, facts);
  // Without the interface nothing is heard and nothing passes.
  if (!state?.up) return own;
  return [
    ...own,
    ...firewallFindings(instance, facts.filters),
    ...claimFindings(instance),
    ...speakerFindings(instance),
    ...settingFindings(instance, facts),
  ];
}

function interfaceFindings(
  instance: InstanceFacts,
  { instances, interfaces }: Facts,
): Finding[] {
  const { config, state, multicast, openProblem } = instance;
  const { name: subject, interface: name, family } = config;
  const error = (code: Finding["code"], message: string, command: string): Finding[] => [
    { code, severity: "error", subject, message, command },
  ];
  if (!state) {
    const known = interfaces.map((it) => it.name).join(", ");
    const message = `there is no interface ${name}; there are: ${known}`;
    return error("interface_missing", message, "ip -brief link");
  }
  if (!state.up) {
    return error("interface_down", `${name} is down or has no carrier`, `ip link set ${name} up`);
  }
  const found: Finding[] = [];
  if (!state.addresses.some(({ address }) => familyOf(address) === family)) {
    const message = `${name} has no ${family === "ipv4" ? "IPv4" : "IPv6"} address of its own`;
    const command = `ip address show dev ${name}`;
    found.push(...error("interface_without_address", message, command));
  }
  const virtual = instances.flatMap((it) => it.config.addresses.map(({ address }) => address));
  const possible = ambiguousSources(
    config,
    state.addresses.map(({ address }) => address),
    (address) => virtual.includes(address),
  );
  if (possible.length > 0) {
    const message = `${ambiguityText(name, possible)}; write source_address for ${subject}`;
    const command = `ip address show dev ${name}`;
    found.push({ code: "source_ambiguous", severity: "warning", subject, message, command });
  }
  if (multicast === false && !config.unicast) {
    const message = `${name} does not do multicast`;
    found.push(...error("multicast_off", message, `ip link set ${name} multicast on`));
  }
  if (openProblem !== null) {
    found.push(...error("vrrp_refused", openProblem, `ip -details address show dev ${name}`));
  }
  return found;
}

function firewallFindings({ config, state }: InstanceFacts, filters: readonly FilterFacts[]) {
  const { name: subject, interface: name, family } = config;
  const own = state?.addresses.find(({ address }) => familyOf(address) === family)?.address;
  const advert = { interface: name, family };
  const arriving: Advert = {
    ...advert,
    direction: "in",
    destination: config.unicast && own ? own : config.multicastGroup,
  };
  const leaving = leavingTo(config).map((destination): Advert => ({
    ...advert,
    direction: "out",
    destination,
  }));
  const relevant = filters.filter(({ tool }) => tool !== other(family));
  const found: Finding[] = [];
  const unknown = new Set<string>();
  for (const advert of [arriving, ...leaving]) {
    const { direction, destination } = advert;
    const judged = relevant.map((filter) => ({ ...filter, ...judge(filter, advert) }));
    for (const { program, verdict } of judged) if (verdict === "unknown") unknown.add(program);
    // All of them must let it pass, so the remedies belong together.
    const drops = judged.flatMap((it) => it.drops);
    if (drops.length === 0) continue;
    const code = direction === "in" ? "firewall_drops_vrrp" : "firewall_drops_own_adverts";
    const way = `protocol 112 to ${destination} ${direction === "in" ? "on" : "out of"} ${name}`;
    const message = `${drops.map(({ place }) => place).join("; ")}: drops ${way}`;
    const command = drops.map((drop) => drop.command).join("; ");
    found.push({ code, severity: "error", subject, message, command });
  }
  if (found.length === 0 && (unknown.size > 0 || relevant.length === 0)) {
    const message = unknown.size > 0
      ? `the rules of ${[...unknown].join(" and ")} were not understood, or not readable`
      : "neither nft nor iptables-save is installed";
    const command = `vipd listen --interface ${name}`;
    found.push({ code: "firewall_unknown", severity: "info", subject, message, command });
  }
  return found;
}

/** Frames from a virtual MAC address pass no packet filter on their way out. */
function leavingTo(config: InstanceConfig): readonly IpAddress[] {
  if (config.unicast) return config.unicast.peers;
  return config.virtualInterface === undefined ? [config.multicastGroup] : [];
}

function other(family: Family): FilterFacts["tool"] {
  return family === "ipv4" ? "ip6tables" : "iptables";
}

function judge({ tool, program, text }: FilterFacts, advert: Advert): FilterJudgement {
  if (text === null) return { verdict: "unknown", drops: [] };
  return tool === "nft" ? judgeNftables(text, advert) : judgeIptables(text, advert, program);
}

/** Others that answer for the virtual addresses. */
export function claimFindings({ config, claims, heard, others }: InstanceFacts): Finding[] {
  const { name: subject, interface: link, vrid } = config;
  const own = config.addresses.map(({ address }) => address);
  // The pair's other node has the address while it is master.
  const served = heard?.senders.some(({ role, addresses }) =>
    role === "master" && own.some((address) => addresses.includes(address))
  );
  if (served) return [];
  const advertised = others.flatMap(({ vrid: theirs, senders }) =>
    senders.filter(({ role }) => role === "master").map(({ address: from, addresses }) => {
      const shared = own.filter((address) => addresses.includes(address));
      return { from, theirs, shared };
    })
  ).filter(({ shared }) => shared.length > 0);
  const explained = advertised.flatMap(({ shared }) => shared);
  return [
    ...advertised.map(({ from, theirs, shared }): Finding => ({
      code: "address_in_use",
      severity: "error",
      subject,
      message: `${from} advertises ${shared.join(", ")} under VRID ${theirs}, here it is VRID ` +
        `${vrid}: give the instance the same vrid on both nodes; if ${from} is none of this pair, ` +
        "remove the address from one of the two",
      command: `vipd listen --interface ${link} --for 10s`,
    })),
    ...claims.filter(({ address }) => !explained.includes(address)).map(({ address, mac }) => ({
      code: "address_in_use" as const,
      severity: "error" as const,
      subject,
      message: `${mac} answers for ${address} on ${link}, and no master of VRID ${vrid} that is ` +
        "heard advertises it: it is another machine, or a node whose adverts do not arrive",
      command: `arping -c 3 -I ${link} ${address}`,
    })),
  ];
}

/** Others that speak VRRP with this VRID. */
export function speakerFindings({ config, heard, rejected }: InstanceFacts): Finding[] {
  const { name: subject, vrid } = config;
  const command = `vipd listen --interface ${config.interface} --for 10s`;
  const found: Finding[] = [];
  for (const sender of heard?.senders ?? []) {
    const shared = config.addresses.some(({ address }) => sender.addresses.includes(address));
    if (!shared) {
      const message = `${sender.address} uses VRID ${vrid} for ${sender.addresses.join(", ")}: ` +
        "another pair has this number; choose another vrid on both nodes of this one";
      found.push({ code: "vrid_in_use", severity: "error", subject, message, command });
      continue;
    }
    const differences = differencesOf(config, sender);
    if (differences.length === 0) continue;
    const message = `${sender.address} has other settings: ${differences.join("; ")}`;
    found.push({ code: "peer_differs", severity: "error", subject, message, command });
  }
  for (const { source, reason, count } of rejected) {
    const message = `${source} sent ${count} adverts that every router discards: ${reason}`;
    found.push({ code: "adverts_unusable", severity: "warning", subject, message, command });
  }
  return found;
}

/** `version 3, here 2`. */
function differencesOf(config: InstanceFacts["config"], sender: MonitoredSender): string[] {
  const differences: string[] = [];
  const compare = (what: string, there: string | number, here: string | number) => {
    if (there !== here) differences.push(`${what} ${there}, here ${here}`);
  };
  compare("version", sender.version, config.version);
  compare("advert interval", `${sender.intervalMs} ms`, `${config.advertIntervalCs * 10} ms`);
  const own = advertisedAddresses(config.addresses);
  compare("addresses", sender.addresses.toSorted().join(" "), own.toSorted().join(" "));
  const kind = (type: number | undefined, signed: boolean) =>
    signed ? "hmac" : type === 1 ? "pass" : "none";
  const there = kind(sender.authentication?.type, sender.hmacKey !== null);
  compare("authentication", there, config.authentication.type);
  return differences;
}

function settingFindings({ config, state }: InstanceFacts, facts: Facts): Finding[] {
  if (config.family !== "ipv4") return [];
  const { interfaces, instances, sysctlFiles } = facts;
  const valueOf = (place: string, key: string) =>
    Number(facts.settings.get(`ipv4/conf/${place}/${key}`) ?? 0);
  // The kernel uses the greater of the two (ip-sysctl).
  const greater = (name: string, key: string) => Math.max(valueOf("all", key), valueOf(name, key));
  const found: Finding[] = [];
  const warn = (code: Finding["code"], message: string, wanted: Record<string, string>) => {
    const remedy = sysctlRemedy(wanted, sysctlFiles);
    found.push({ code, severity: "warning", subject: config.name, message, ...remedy });
  };
  if (config.virtualInterface !== undefined) {
    found.push(...virtualMacFindings(config, config.virtualInterface, valueOf, sysctlFiles));
  } else if (answersForNone(greater(config.interface, "arp_ignore"))) {
    warn("arp_unanswered", `arp_ignore is 8: no ARP is answered on ${config.interface}`, {
      [settingKey("all", "arp_ignore")]: "0",
      [settingKey(config.interface, "arp_ignore")]: "0",
    });
  }
  const twin = interfaces.find((it) =>
    it.name !== config.interface && it.up &&
    // vipd makes those for virtual MAC addresses such that nobody is misled.
    !instances.some((other) => other.config.virtualInterface === it.name) &&
    it.addresses.some(({ address }) =>
      familyOf(address) === "ipv4" &&
      state?.addresses.some((own) => addressMatches(`${own.address}/${own.prefixLength}`, address))
    )
  );
  if (!twin) return found;
  const names = `${config.interface} and ${twin.name}`;
  // The setting of the interface at which the request arrives counts.
  const arpIgnore = greater(twin.name, "arp_ignore");
  if (answersForOthers(arpIgnore)) {
    const message = `${names} lie in one network and arp_ignore is ${arpIgnore}: ${twin.name} ` +
      "answers for the address too";
    warn("arp_from_two", message, {
      [settingKey("all", "arp_ignore")]: "1",
      ...(valueOf(twin.name, "arp_ignore") > 1 && { [settingKey(twin.name, "arp_ignore")]: "1" }),
      [settingKey("all", "arp_announce")]: "2",
    });
  }
  if (greater(config.interface, "rp_filter") === 1) {
    const message = `${names} lie in one network and rp_filter is 1: adverts that arrive at the ` +
      "other one are dropped";
    warn("reverse_path_strict", message, { [settingKey("all", "rp_filter")]: "2" });
  }
  return found;
}

/** The settings that vipd cannot correct: it changes those of the interfaces themselves alone. */
function virtualMacFindings(
  { name: subject, interface: below }: InstanceConfig,
  name: string,
  valueOf: (place: string, key: ArpSetting) => number,
  sysctlFiles: Facts["sysctlFiles"],
): Finding[] {
  return BELOW_SETTINGS.flatMap(({ setting, value: wanted, suits }) => {
    const [problem] = arpProblems(name, [below], (on, asked) => {
      if (asked !== setting) return null;
      const own = valueOf(on, setting);
      return Math.max(valueOf("all", setting), on === below && suits(own) ? own : wanted);
    });
    if (!problem) return [];
    const { value } = problem;
    return [{
      code: problem.interface === name && answersForNone(value)
        ? "arp_unanswered"
        : "virtual_mac_arp",
      severity: "warning",
      subject,
      message: `${setting} of all interfaces is ${value}: ${arpEffect(problem, name)}`,
      ...sysctlRemedy({ [settingKey("all", setting)]: String(wanted) }, sysctlFiles),
    }];
  });
}

/** `net.ipv4.conf.eth1/100.arp_ignore`: a point in a name of an interface is a slash to sysctl(8). */
function settingKey(name: string, key: string): string {
  return `net.ipv4.conf.${name.replaceAll(".", "/")}.${key}`;
}
