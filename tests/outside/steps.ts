/**
 * What may happen to a node from outside: when it can, what it does to the world, and the command that does it.
 *
 * @module
 */

import type { Family } from "../../src/wire/address.ts";
import { expectation, faultOf, isMute, muteLameUntilMs, refusedLameUntilMs } from "./model.ts";
import { deviceOf, OWN, OWN_LINK_LOCAL, ROUTES, RULES, STRAY, VIRTUAL } from "./standing.ts";
import {
  FAMILIES,
  type NodeName,
  NODES,
  type NodeWorld,
  type Other,
  type Presence,
  theOther,
  type World,
} from "./world.ts";

/** What a step is taken with. */
export interface Scene {
  readonly world: World;
  readonly node: NodeName;
  readonly nowMs: number;
  readonly random: () => number;
}

/** A command in the host's shell, or what happens to the cable of its eth1. */
export type Deed = string | { readonly cable: "unplugged" | "silent" | "whole" };

export interface Step {
  readonly name: string;
  /** How often it is drawn, next to the others. */
  readonly weight: number;
  /** It is the end of what another step began. */
  readonly heals: boolean;
  /** Whether the world lets it happen. */
  readonly can: (scene: Scene) => boolean;
  /** What of the node is another way afterwards. */
  readonly change: (scene: Scene) => Partial<NodeWorld>;
  readonly deed: (scene: Scene) => Deed;
  /** It may move the addresses, although in the end nothing is another way. */
  readonly mayMove?: boolean;
  /** It does something to what vipd has put there, which may be on its way back from the step before. */
  readonly mayMiss?: boolean;
}

const here = ({ world, node }: Scene) => world.nodes[node];
const isUp = (scene: Scene) => here(scene).link === "up";
const nothing = () => ({});

/** The node is the only one that may serve. */
function serves({ world, node, nowMs }: Scene, family: Family): boolean {
  const { outcomes } = expectation(world, family, nowMs);
  return outcomes.length === 1 && outcomes[0]!.masters.join() === node;
}

function isServed(scene: Scene, family: Family): boolean {
  const { outcomes } = expectation(scene.world, family, scene.nowMs);
  return outcomes.length !== 1 || outcomes[0]!.masters.includes(scene.node);
}

/** What becomes of what others have put on eth1. */
function others(
  scene: Scene,
  names: readonly Other[],
  presence: Presence,
): Pick<NodeWorld, "others"> {
  const before = here(scene).others;
  const changed = names.filter((it) => before[it] !== "gone").map((it) => [it, presence]);
  return { others: { ...before, ...Object.fromEntries(changed) } };
}

const IPV4_ROUTES: readonly Other[] = ["route", "route beside ours"];
const IN_PLACE_OF_OURS: Other = "route in the place of ours";
const IPV4_ADDRESSES: readonly Other[] = ["address", "virtual address"];
const IPV6_ADDRESSES: readonly Other[] = ["ipv6 address", "virtual ipv6 address"];

/** An interface that is set down loses its IPv6 addresses and its routes. */
function setDown(scene: Scene): Partial<NodeWorld> {
  return {
    ...others(scene, [...IPV6_ADDRESSES, ...IPV4_ROUTES, IN_PLACE_OF_OURS], "gone"),
    ...(isTaken(scene) && givenBack(scene)),
  };
}

const isTaken = (scene: Scene) => here(scene).refusedSinceMs !== null;

/** The route in the place of vipd's is gone. */
function givenBack(scene: Scene): Partial<NodeWorld> {
  const { refusedSinceMs, lameUntilMs } = here(scene);
  const untilMs = refusedLameUntilMs(refusedSinceMs!, scene.nowMs);
  const ipv4 = Math.max(lameUntilMs.ipv4, untilMs);
  return { refusedSinceMs: null, lameUntilMs: { ...lameUntilMs, ipv4 } };
}

interface StepParts extends Partial<Step> {
  readonly name: string;
  readonly deed: (scene: Scene) => Deed;
}

function step(
  { weight = 2, heals = false, can = () => true, change = nothing, ...rest }: StepParts,
): Step {
  return { weight, heals, can, change, ...rest };
}

const LINK: readonly Step[] = [
  step({
    name: "the link is set down",
    can: isUp,
    change: (scene) => ({
      link: "down",
      own: { ...here(scene).own, ipv6: false },
      ...setDown(scene),
    }),
    deed: () => "ip link set eth1 down",
  }),
  step({
    name: "the link is set up",
    weight: 6,
    heals: true,
    can: (scene) => here(scene).link === "down",
    // The kernel gives it a link-local address.
    change: (scene) => ({ link: "up", own: { ...here(scene).own, ipv6: here(scene).ipv6 } }),
    deed: () => "ip link set eth1 up",
  }),
  step({
    name: "the link flaps",
    can: isUp,
    change: (scene) => ({ own: { ...here(scene).own, ipv6: here(scene).ipv6 }, ...setDown(scene) }),
    deed: ({ random }) =>
      `ip link set eth1 down; sleep ${seconds(random, 0.3)}; ip link set eth1 up`,
    mayMove: true,
  }),
  step({
    name: "the cable is unplugged",
    can: isUp,
    change: () => ({ link: "unplugged" }),
    deed: () => ({ cable: "unplugged" }),
  }),
  step({
    name: "the cable is plugged in",
    weight: 6,
    heals: true,
    can: (scene) => here(scene).link === "unplugged",
    change: () => ({ link: "up", silent: false }),
    deed: () => ({ cable: "whole" }),
  }),
  step({
    name: "the cable passes nothing",
    weight: 1,
    can: (scene) => isUp(scene) && !here(scene).silent,
    change: () => ({ silent: true }),
    deed: () => ({ cable: "silent" }),
  }),
  step({
    name: "the cable passes everything",
    weight: 6,
    heals: true,
    can: (scene) => isUp(scene) && here(scene).silent,
    change: () => ({ silent: false }),
    deed: () => ({ cable: "whole" }),
  }),
  step({
    name: "the interface is renamed",
    can: isUp,
    change: () => ({ link: "renamed" }),
    deed: () => "ip link set eth1 name was1",
  }),
  step({
    name: "the interface has its name back",
    weight: 6,
    heals: true,
    can: (scene) => here(scene).link === "renamed",
    change: () => ({ link: "up" }),
    deed: () => "ip link set was1 name eth1",
  }),
  step({
    name: "the MAC address is changed",
    can: isUp,
    deed: ({ random }) => `ip link set eth1 address 02:00:00:00:77:${octet(random)}`,
  }),
];

const OWN_ADDRESSES: readonly Step[] = [
  step({
    name: "the own IPv4 address is deleted",
    can: (scene) => isUp(scene) && here(scene).own.ipv4 && !isTaken(scene),
    change: (scene) => {
      // With its last address the interface loses its routes; without promote_secondaries, with the first its others.
      const names: Other[] = [...IPV4_ROUTES, "virtual address"];
      return { own: { ...here(scene).own, ipv4: false }, ...others(scene, names, "unsure") };
    },
    deed: ({ node }) => `ip address del ${OWN[node]} dev eth1`,
  }),
  step({
    name: "the own IPv4 address is added",
    weight: 6,
    heals: true,
    can: (scene) => here(scene).link !== "renamed" && !here(scene).own.ipv4,
    change: (scene) => ({ own: { ...here(scene).own, ipv4: true } }),
    deed: ({ node }) => `ip address add ${OWN[node]} dev eth1`,
  }),
  step({
    name: "the own IPv4 address is deleted and added at once",
    can: (scene) => isUp(scene) && here(scene).own.ipv4 && !isTaken(scene),
    change: (scene) => others(scene, [...IPV4_ROUTES, "virtual address"], "unsure"),
    deed: ({ node }) =>
      `printf 'address del ${OWN[node]} dev eth1\\naddress add ${
        OWN[node]
      } dev eth1\\n' | ip -batch -`,
  }),
  step({
    name: "the own link-local address is deleted",
    can: (scene) => isUp(scene) && here(scene).own.ipv6,
    change: (scene) => ({ own: { ...here(scene).own, ipv6: false } }),
    deed: () => DELETE_LINK_LOCAL,
  }),
  step({
    name: "a link-local address is added",
    weight: 6,
    heals: true,
    can: (scene) => isUp(scene) && here(scene).ipv6 && !here(scene).own.ipv6,
    change: (scene) => ({ own: { ...here(scene).own, ipv6: true } }),
    deed: ({ node }) => `ip address add ${OWN_LINK_LOCAL[node]} dev eth1 nodad`,
  }),
  step({
    name: "disable_ipv6 is switched on",
    can: (scene) => isUp(scene) && here(scene).ipv6,
    change: (scene) => ({
      ipv6: false,
      own: { ...here(scene).own, ipv6: false },
      ...others(scene, IPV6_ADDRESSES, "gone"),
    }),
    deed: () => "sysctl -qw net.ipv6.conf.eth1.disable_ipv6=1",
  }),
  step({
    name: "disable_ipv6 is switched off",
    weight: 6,
    heals: true,
    // Without a carrier the kernel gives it a link-local address only later.
    can: (scene) => ["up", "down"].includes(here(scene).link) && !here(scene).ipv6,
    change: (scene) => ({ ipv6: true, own: { ...here(scene).own, ipv6: isUp(scene) } }),
    deed: () => "sysctl -qw net.ipv6.conf.eth1.disable_ipv6=0",
  }),
  step({
    name: "the interface is flushed",
    can: (scene) => isUp(scene) && !isTaken(scene),
    change: (scene) => ({ own: { ipv4: false, ipv6: false }, ...flushed(scene) }),
    deed: () => "ip address flush dev eth1",
  }),
  step({
    name: "the interface is flushed and configured again at once",
    can: (scene) => isUp(scene) && here(scene).ipv6 && here(scene).own.ipv4 && !isTaken(scene),
    change: (scene) => ({ own: { ipv4: true, ipv6: true }, ...flushed(scene) }),
    deed: ({ node }) =>
      "ip address flush dev eth1; " +
      `printf 'address add ${OWN[node]} dev eth1\\naddress add ${
        OWN_LINK_LOCAL[node]
      } dev eth1 nodad\\n' | ip -batch -`,
    // IPv6 has no address to speak from for as long as that takes.
    mayMove: true,
  }),
];

/** All addresses go, and mostly the routes with the last one, if vipd has not put one back before. */
function flushed(scene: Scene): Pick<NodeWorld, "others"> {
  const addresses = others(scene, [...IPV4_ADDRESSES, ...IPV6_ADDRESSES], "gone");
  const routes = others(scene, IPV4_ROUTES, "unsure");
  const kept = here(scene).others;
  const merged = Object.keys(kept).map((it) => {
    const other = it as Other;
    return [other, addresses.others[other] === "gone" ? "gone" : routes.others[other]];
  });
  return { others: Object.fromEntries(merged) };
}

const DELETE_LINK_LOCAL =
  "for it in $(ip -o -6 address show dev eth1 scope link | awk '{print $4}'); do " +
  `[ "$it" = fe80::5/64 ] || ip address del "$it" dev eth1; done`;

function firewall(chain: "input" | "output"): string {
  return `nft 'table inet outside_${chain} { chain drops { ` +
    `type filter hook ${chain} priority 0; meta l4proto 112 drop; }; }'`;
}

const FIREWALL: readonly Step[] = [
  step({
    name: "a firewall drops adverts on their way in",
    weight: 1,
    can: (scene) => !here(scene).dropsIn,
    change: () => ({ dropsIn: true }),
    deed: () => firewall("input"),
  }),
  step({
    name: "no firewall drops adverts on their way in",
    weight: 6,
    heals: true,
    can: (scene) => here(scene).dropsIn,
    change: () => ({ dropsIn: false }),
    deed: () => "nft delete table inet outside_input",
  }),
  step({
    name: "a firewall drops adverts on their way out",
    weight: 1,
    can: (scene) => here(scene).dropsOutSinceMs === null,
    change: ({ nowMs }) => ({ dropsOutSinceMs: nowMs }),
    deed: () => firewall("output"),
  }),
  step({
    name: "no firewall drops adverts on their way out",
    weight: 6,
    heals: true,
    can: (scene) => here(scene).dropsOutSinceMs !== null,
    change: (scene) => {
      const untilMs = muteLameUntilMs(here(scene).dropsOutSinceMs!, scene.nowMs);
      const latest = (family: Family) => {
        const beforeMs = here(scene).lameUntilMs[family];
        return isMute(scene.world, scene.node, family) ? Math.max(beforeMs, untilMs) : beforeMs;
      };
      return { dropsOutSinceMs: null, lameUntilMs: { ipv4: latest("ipv4"), ipv6: latest("ipv6") } };
    },
    deed: () => "nft delete table inet outside_output",
  }),
];

function onHolder(
  family: Family,
  name: string,
  deed: (scene: Scene, device: string) => string,
): Step {
  return step({
    name,
    can: (scene) => serves(scene, family) && here(scene).others[STRAY[family].other] === "gone",
    deed: (scene) => deed(scene, deviceOf(scene.world.kind, family)),
    mayMiss: true,
  });
}

const OURS: readonly Step[] = [
  ...FAMILIES.flatMap((family) => {
    const { to } = ROUTES[family];
    const { from, table, priority } = RULES[family];
    const ip = family === "ipv4" ? "ip" : "ip -6";
    return [
      onHolder(
        family,
        `a virtual ${family} address is deleted`,
        (_, device) => `ip address del ${STRAY[family].address} dev ${device}`,
      ),
      onHolder(family, `the ${family} route is deleted`, () => `${ip} route del ${to} proto 118`),
      onHolder(
        family,
        `the ${family} rule is deleted`,
        () => `${ip} rule del from ${from} table ${table} priority ${priority}`,
      ),
    ];
  }),
  onHolder(
    "ipv4",
    "all virtual IPv4 addresses are deleted",
    (_, device) =>
      `ip address del 192.168.31.6/24 dev ${device}; ip address del 192.168.31.5/24 dev ${device}`,
  ),
  onHolder(
    "ipv4",
    "the IPv4 route gets another gateway",
    (_, device) => `ip route change ${ROUTES.ipv4.to} via 192.168.31.9 dev ${device} proto 118`,
  ),
  onHolder(
    "ipv6",
    "the IPv6 route gets another gateway",
    (_, device) =>
      `ip -6 route replace ${ROUTES.ipv6.to} via 2001:db8:31::9 dev ${device} proto 118`,
  ),
];

const VIRTUAL_MAC: readonly Step[] = FAMILIES.flatMap((family) => {
  const { name } = VIRTUAL[family];
  const isThere = ({ world, node }: Scene) =>
    world.kind.virtualMac && world.nodes[node].link !== "renamed";
  const isUsed = (scene: Scene) => isThere(scene) && serves(scene, family);
  return [
    step({
      name: `${name} is deleted`,
      can: isThere,
      deed: () => `ip link del ${name}`,
      mayMove: true,
      mayMiss: true,
    }),
    step({
      name: `${name} is set down`,
      can: isUsed,
      deed: () => `ip link set ${name} down`,
      mayMove: true,
      mayMiss: true,
    }),
    step({
      mayMiss: true,
      name: `${name} gets another MAC address`,
      can: isUsed,
      deed: ({ random }) => `ip link set ${name} address 02:00:00:00:78:${octet(random)}`,
    }),
  ];
});

/** Another program adds something of its own, or removes it, and the kernel perhaps those that need it. */
function ofAnother(
  other: Other,
  thing: string,
  can: (scene: Scene) => boolean = isUp,
  dependents: readonly Other[] = [],
): Step[] {
  const change = (presence: Presence) => (scene: Scene) => {
    const rest = presence === "there"
      ? here(scene).others
      : others(scene, dependents, "unsure").others;
    return { others: { ...rest, [other]: presence } };
  };
  const [object, ...rest] = thing.split(" ");
  const command = (verb: string) => `ip ${object} ${verb} ${rest.join(" ")}`;
  return [
    step({
      name: `another program adds its ${other}`,
      weight: 1,
      can: (scene) => here(scene).others[other] === "gone" && can(scene),
      change: change("there"),
      deed: () => command("add"),
    }),
    step({
      name: `another program removes its ${other}`,
      weight: 1,
      heals: true,
      can: (scene) => here(scene).others[other] === "there" && here(scene).link !== "renamed",
      change: change("gone"),
      deed: () => command("del"),
    }),
  ];
}

/** The host has it of its own only if vipd has not put it there, on the interface where vipd would. */
const canStray = (family: Family) => (scene: Scene) =>
  isUp(scene) && !scene.world.kind.virtualMac && !isServed(scene, family) &&
  (family === "ipv4" || here(scene).ipv6);

const OTHER_PROGRAMS: readonly Step[] = [
  ...ofAnother("address", "address 192.168.31.77/32 dev eth1", isUp, IPV4_ROUTES),
  ...ofAnother(
    "ipv6 address",
    "address 2001:db8:31::77/128 dev eth1",
    (scene) => isUp(scene) && here(scene).ipv6,
  ),
  ...ofAnother(
    "route",
    "route 10.99.0.0/16 dev eth1 proto static",
    (scene) => isUp(scene) && here(scene).own.ipv4,
  ),
  ...ofAnother(
    "route beside ours",
    "route 10.8.0.0/16 dev eth1 proto static metric 50",
    (scene) => isUp(scene) && here(scene).own.ipv4,
  ),
  ...ofAnother("rule", "rule from 192.168.31.5 table 101 priority 901"),
  ...ofAnother("virtual address", "address 192.168.31.5/24 dev eth1", canStray("ipv4")),
  ...ofAnother(
    "virtual ipv6 address",
    "address 2001:db8:31::5/64 dev eth1 nodad",
    canStray("ipv6"),
  ),
  step({
    name: "another program puts its route in the place of the IPv4 route",
    weight: 1,
    can: (scene) =>
      serves(scene, "ipv4") && !scene.world.kind.virtualMac &&
      here(scene).lameUntilMs.ipv4 < scene.nowMs &&
      faultOf(scene.world, theOther(scene.node), "ipv4") === null &&
      NODES.every((it) => scene.world.nodes[it].refusedSinceMs === null),
    change: (scene) => ({
      refusedSinceMs: scene.nowMs,
      others: { ...here(scene).others, [IN_PLACE_OF_OURS]: "there" },
    }),
    deed: () => `ip route replace ${ROUTES.ipv4.to} dev eth1 proto static`,
  }),
  step({
    name: "another program removes its route in the place of the IPv4 route",
    weight: 4,
    heals: true,
    can: (scene) => isTaken(scene) && isUp(scene),
    change: (scene) => ({ ...others(scene, [IN_PLACE_OF_OURS], "gone"), ...givenBack(scene) }),
    deed: () => `ip route del ${ROUTES.ipv4.to} dev eth1 proto static`,
  }),
];

export const STEPS: readonly Step[] = [
  ...LINK,
  ...OWN_ADDRESSES,
  ...FIREWALL,
  ...OURS,
  ...VIRTUAL_MAC,
  ...OTHER_PROGRAMS,
];

function seconds(random: () => number, most: number): string {
  return (random() * most).toFixed(3);
}

function octet(random: () => number): string {
  return Math.floor(random() * 256).toString(16).padStart(2, "0");
}
