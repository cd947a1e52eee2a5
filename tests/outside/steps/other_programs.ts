/**
 * Other programs that add and remove addresses, routes and rules of their own.
 *
 * @module
 */

import type { Family } from "../../../src/wire/address.ts";
import { faultOf } from "../model.ts";
import { ROUTES } from "../standing.ts";
import { NODES, type Other, type Presence, strayOn, theOther } from "../world.ts";
import { givenBack, IN_PLACE_OF_OURS, IPV4_ROUTES, isTaken, others } from "./others.ts";
import { isServed, serves } from "./serving.ts";
import { here, isUp, type Scene, type Step, step } from "./step.ts";

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
      // vipd may have put its own there since anybody looked.
      mayFail: other.startsWith("virtual"),
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
export const canStray = (family: Family) => (scene: Scene) =>
  isUp(scene) && !scene.world.kind.virtualMac && !isServed(scene, family) &&
  strayOn(here(scene), family) === "gone" &&
  (family === "ipv4" || here(scene).ipv6);

export const OTHER_PROGRAMS: readonly Step[] = [
  ...ofAnother(
    "address",
    "address 192.168.31.77/32 dev eth1",
    // Of two nobody knows from which adverts come.
    (scene) => isUp(scene) && here(scene).others["leased address"] === "gone",
    IPV4_ROUTES,
  ),
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
