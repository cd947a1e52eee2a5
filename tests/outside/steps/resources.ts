/**
 * What vipd has put on a node: its addresses, routes, rules and interfaces, deleted or changed.
 *
 * @module
 */

import type { Family } from "../../../src/wire/address.ts";
import { deviceOf, ROUTES, RULES, STRAY, VIRTUAL } from "../standing.ts";
import { FAMILIES, strayOn } from "../world.ts";
import { isTaken } from "./others.ts";
import { serves } from "./serving.ts";
import { here, octet, type Scene, type Step, step } from "./step.ts";

/**
 * The third time in a row within so long, in milliseconds, would be another program that fights over the resource: the
 * instance would be in fault for half a minute (docs/alarms.md, resource_refused).
 */
const FOUGHT_OVER_MS = 4000;

function onHolder(
  family: Family,
  name: string,
  deed: (scene: Scene, device: string) => string,
  can: (scene: Scene) => boolean = () => true,
): Step {
  return step({
    name,
    can: (scene) =>
      serves(scene, family) && strayOn(here(scene), family) === "gone" &&
      !(here(scene).undoneMs.length === 2 &&
        scene.nowMs < here(scene).undoneMs[0]! + FOUGHT_OVER_MS) &&
      can(scene),
    change: (scene) => ({ undoneMs: [...here(scene).undoneMs, scene.nowMs].slice(-2) }),
    deed: (scene) => deed(scene, deviceOf(scene.world.kind, family)),
    mayMiss: true,
  });
}

export const OURS: readonly Step[] = [
  ...FAMILIES.flatMap((family) => {
    const { to } = ROUTES[family];
    const { from, table, priority } = RULES[family];
    const ip = family === "ipv4" ? "ip" : "ip -6";
    return [
      onHolder(
        family,
        `a virtual ${family} address is deleted`,
        (_, device) => `ip address del ${STRAY[family]} dev ${device}`,
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
    // It would change another program's.
    (scene) => !isTaken(scene),
  ),
  onHolder(
    "ipv6",
    "the IPv6 route gets another gateway",
    (_, device) =>
      `ip -6 route replace ${ROUTES.ipv6.to} via 2001:db8:31::9 dev ${device} proto 118`,
  ),
];

export const VIRTUAL_MAC: readonly Step[] = FAMILIES.flatMap((family) => {
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
