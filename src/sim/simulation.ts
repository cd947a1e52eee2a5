/**
 * A cluster under observation: what is done to it, the results, and whether the invariants hold.
 *
 * @module
 */

import type { InstanceConfig } from "../config/model.ts";
import { SimCluster } from "./cluster.ts";
import { Invariants } from "./invariants.ts";
import { SimulationLog } from "./simulation_log.ts";

export class Simulation {
  readonly cluster: SimCluster;
  readonly recording: SimulationLog;
  readonly invariants: Invariants;

  /** One node for each instance configuration. */
  constructor(instances: readonly Partial<InstanceConfig>[], seed: number) {
    this.cluster = new SimCluster(instances, seed);
    this.recording = new SimulationLog(this.cluster);
    this.invariants = new Invariants(this.cluster);
  }

  /** Does something to the cluster now. */
  step(text: string, act: () => void): void {
    this.recording.step(text);
    this.invariants.disturbed();
    act();
    this.#look();
  }

  /** Lets virtual time pass. */
  run(forMs: number): void {
    this.cluster.run(forMs, () => this.#look());
  }

  #look(): void {
    this.recording.look();
    this.invariants.check();
  }
}
