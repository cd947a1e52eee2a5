/**
 * Other daemons on a node: one that renews an address of its own, as DHCP clients do; one that does so with a virtual
 * address; and a second vipd with the same configuration.
 *
 * @module
 */

import { RENEWED } from "../standing.ts";
import type { NodeWorld, Other, Presence } from "../world.ts";
import { IPV4_ROUTES, others } from "./others.ts";
import { canStray } from "./other_programs.ts";
import { serves } from "./serving.ts";
import { here, isUp, type Scene, type Step, step } from "./step.ts";

type Renewed = keyof typeof RENEWED;
export const RENEWING = Object.keys(RENEWED) as readonly Renewed[];

/** How long an address outlasts the program that renews it, in seconds. */
const VALID_S = 3;
const RENEWED_EVERY_S = 0.7;

const pidFile = (other: Renewed) => `/run/lab/${other.replaceAll(" ", "-")}.pid`;

/** The program adds its address, and begins to renew it; what it renews with `verb` may be gone. */
function starts(other: Renewed, verb: "replace" | "change"): string {
  const lifetimes = `valid_lft ${VALID_S} preferred_lft ${VALID_S - 1}`;
  const address = `${RENEWED[other]} dev eth1 ${lifetimes}`;
  const renewal = `while sleep ${RENEWED_EVERY_S}; do ip address ${verb} ${address}; done`;
  return `ip address add ${address} && ` +
    `{ (${renewal}) </dev/null >/dev/null 2>&1 & echo $! >${pidFile(other)}; }`;
}

/** It is killed, and its address ends with its lifetime: nobody removes it. */
export function renewalEnds(other: Renewed): string {
  return `kill -9 $(cat ${pidFile(other)}); sleep ${VALID_S + 1}`;
}

function renewing(
  other: Renewed,
  { verb, can, ended, weight = 2, mayFail = false }: {
    readonly verb: "replace" | "change";
    readonly can: (scene: Scene) => boolean;
    readonly ended: (scene: Scene) => Partial<NodeWorld>;
    readonly weight?: number;
    readonly mayFail?: boolean;
  },
): Step[] {
  const change = (before: NodeWorld["others"], presence: Presence) => ({
    others: { ...before, [other]: presence },
  });
  return [
    step({
      name: `another program renews its ${other}`,
      weight,
      can: (scene) => here(scene).others[other] === "gone" && can(scene),
      change: (scene) => change(here(scene).others, "there"),
      deed: () => starts(other, verb),
      mayFail,
    }),
    step({
      name: `another program renews its ${other} no more`,
      weight: 3,
      heals: true,
      can: (scene) => here(scene).others[other] === "there" && here(scene).link !== "renamed",
      change: (scene) => ({
        ...ended(scene),
        ...change(ended(scene).others ?? here(scene).others, "gone"),
      }),
      deed: () => renewalEnds(other),
    }),
  ];
}

const OWN_LIKE: Other = "address";

export const OTHER_DAEMONS: readonly Step[] = [
  ...renewing("leased address", {
    // After a flush it adds its address again, as DHCP clients do.
    verb: "replace",
    // Of two nobody knows from which adverts come.
    can: (scene) => isUp(scene) && here(scene).others[OWN_LIKE] === "gone",
    // With its last address the interface loses its routes.
    ended: (scene) => others(scene, IPV4_ROUTES, "unsure"),
  }),
  ...renewing("leased virtual address", {
    verb: "change",
    can: canStray("ipv4"),
    // It mostly cannot be.
    weight: 5,
    // A master puts its own there as soon as the other's has ended: that was one more time.
    ended: (scene) =>
      serves(scene, "ipv4")
        ? { undoneMs: [...here(scene).undoneMs, scene.nowMs + (VALID_S + 1) * 1000].slice(-2) }
        : {},
    mayFail: true,
  }),
  step({
    name: "a second daemon with the same configuration is started",
    weight: 1,
    can: (scene) => !here(scene).second,
    change: () => ({ second: true }),
    deed: () => ({ second: "started" }),
  }),
  step({
    name: "the second daemon ends",
    heals: true,
    can: (scene) => here(scene).second,
    change: () => ({ second: false }),
    deed: ({ random }) => ({ second: random() < 0.5 ? "ended" : "killed" }),
  }),
];
