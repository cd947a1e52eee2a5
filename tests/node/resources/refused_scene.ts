/** The refused resources of an instance by themselves, on virtual time. */

import type { InstanceConfig } from "../../../src/config/model.ts";
import { Alarms } from "../../../src/node/journal/alarms.ts";
import {
  type RefusedAction,
  RefusedResources,
} from "../../../src/node/resources/refused_resources.ts";
import { instanceConfig, SimCluster, type SimNode } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";
import { countTimers } from "../count_timers.ts";

/** Says what the kernel takes, and counts how often it is asked and how often a change is reported. */
export interface RefusedWorld {
  nothingToServe: boolean;
  takesAddress: boolean;
  asked: number;
  changes: number;
}

export function refusedScene(changes: Partial<InstanceConfig> = {}) {
  const cluster = new SimCluster([{}, {}]);
  const [{ host: clock }, { host: elsewhere }] = cluster.nodes as [SimNode, SimNode];
  const timers = countTimers(clock);
  const journal = new Journal(() => clock.wallClockMs());
  // The timers of the alarms are no matter of this.
  const alarms = new Alarms(elsewhere, journal);
  const world: RefusedWorld = { nothingToServe: false, takesAddress: false, asked: 0, changes: 0 };
  const resources = new RefusedResources(instanceConfig(changes), {
    ...{ clock, journal, alarms, nothingToServe: () => world.nothingToServe },
    changed: () => world.changes++,
    takesAddress: () => {
      world.asked++;
      return world.takesAddress;
    },
  });
  return {
    resources,
    timers,
    world,
    run: (forMs: number) => cluster.run(forMs),
    /** Time passes, and another master speaks every second. */
    runHeard: (forMs: number) => {
      for (let leftMs = forMs; leftMs > 0; leftMs -= 1000) {
        resources.masterHeard();
        cluster.run(Math.min(leftMs, 1000));
      }
    },
    refuse: (resource = "it", action: RefusedAction = "add") =>
      resources.refused(action, resource, "address_failed", `${resource} is refused`),
    /** The text of the alarm that stands; `null` for none. */
    alarm: () => {
      const standing = alarms.standing("resource_refused", "VI_1");
      return standing === null ? null : standing.message;
    },
    entries: () =>
      journal.since().filter(({ code }) => code === "address_failed").map(({ message }) => message),
  };
}
