/**
 * The addresses that a node has of its own: deleted, added, flushed.
 *
 * @module
 */

import { OWN, OWN_LINK_LOCAL } from "../standing.ts";
import { type NodeWorld, type Other, strayOn } from "../world.ts";
import {
  IPV4_ADDRESSES,
  IPV4_ROUTES,
  IPV6_ADDRESSES,
  isTaken,
  others,
  staysIfRenewed,
} from "./others.ts";
import { here, isUp, type Scene, type Step, step } from "./step.ts";

const DELETE_LINK_LOCAL =
  "for it in $(ip -o -6 address show dev eth1 scope link | awk '{print $4}'); do " +
  `[ "$it" = fe80::5/64 ] || ip address del "$it" dev eth1; done`;

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

export const OWN_ADDRESSES: readonly Step[] = [
  step({
    name: "the own IPv4 address is deleted",
    can: (scene) => isUp(scene) && here(scene).own.ipv4 && !isTaken(scene) && staysIfRenewed(scene),
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
    // Behind another program's virtual address it would be the secondary one, which the kernel removes with the first.
    can: (scene) =>
      here(scene).link !== "renamed" && !here(scene).own.ipv4 &&
      (scene.world.kind.promoteSecondaries || strayOn(here(scene), "ipv4") === "gone"),
    change: (scene) => ({ own: { ...here(scene).own, ipv4: true } }),
    deed: ({ node }) => `ip address add ${OWN[node]} dev eth1`,
  }),
  step({
    name: "the own IPv4 address is deleted and added at once",
    can: (scene) => isUp(scene) && here(scene).own.ipv4 && !isTaken(scene) && staysIfRenewed(scene),
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
    can: (scene) => isUp(scene) && !isTaken(scene) && staysIfRenewed(scene),
    change: (scene) => ({ own: { ipv4: false, ipv6: false }, ...flushed(scene) }),
    deed: () => "ip address flush dev eth1",
  }),
  step({
    name: "the interface is flushed and configured again at once",
    can: (scene) =>
      isUp(scene) && here(scene).ipv6 && here(scene).own.ipv4 && !isTaken(scene) &&
      staysIfRenewed(scene),
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
