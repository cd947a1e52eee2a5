/**
 * A firewall that drops adverts.
 *
 * @module
 */

import type { Family } from "../../../src/wire/address.ts";
import { isMute, muteLameUntilMs } from "../model.ts";
import { here, type Step, step } from "./step.ts";

function firewall(chain: "input" | "output"): string {
  return `nft 'table inet outside_${chain} { chain drops { ` +
    `type filter hook ${chain} priority 0; meta l4proto 112 drop; }; }'`;
}

export const FIREWALL: readonly Step[] = [
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
