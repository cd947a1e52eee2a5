/**
 * The link of a node: set down, unplugged, silent, renamed.
 *
 * @module
 */

import type { NodeWorld } from "../world.ts";
import {
  givenBack,
  IN_PLACE_OF_OURS,
  IPV4_ROUTES,
  IPV6_ADDRESSES,
  isTaken,
  others,
  staysIfRenewed,
} from "./others.ts";
import { here, isUp, octet, type Scene, seconds, type Step, step } from "./step.ts";

/** An interface that is set down loses its IPv6 addresses and its routes. */
function setDown(scene: Scene): Partial<NodeWorld> {
  return {
    ...others(scene, [...IPV6_ADDRESSES, ...IPV4_ROUTES, IN_PLACE_OF_OURS], "gone"),
    ...(isTaken(scene) && givenBack(scene)),
  };
}

export const LINK: readonly Step[] = [
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
    can: (scene) => isUp(scene) && staysIfRenewed(scene),
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
