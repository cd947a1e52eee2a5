/**
 * Whether an instance is the only backup of its pair: what it hears on the link and what the configuration and the peers
 * say of the other nodes, put together. The rule is `vrrp/sole_backup.ts`.
 *
 * @module
 */

import type { InstanceConfig } from "../../config/model.ts";
import type { Clock } from "../../host/clock.ts";
import { type OtherRouters, SoleBackup, type SoleBackupVerdict } from "../../vrrp/sole_backup.ts";
import type { IpAddress } from "../../wire/address.ts";
import { audienceOf, type ThirdRouters } from "./third_routers.ts";

export interface SoleBackupContext {
  readonly host: Pick<Clock, "wallClockMs">;
  /** The nodes of `peers`. */
  readonly nodes: () => OtherRouters["nodes"];
  readonly thirdRouters: ThirdRouters;
}

export class SoleBackupWatch {
  readonly #config: () => InstanceConfig;
  readonly #context: SoleBackupContext;
  /** The configuration that `#audience` was made of. */
  #seen: InstanceConfig | null = null;
  #audience = "";
  #known: SoleBackup;

  constructor(config: () => InstanceConfig, context: SoleBackupContext) {
    this.#config = config;
    this.#context = context;
    this.#known = this.#nobodyHeard();
  }

  /** Whether this instance, as backup of this master, if it follows one, is the only one, and why or why not. */
  verdict(master: IpAddress | null): SoleBackupVerdict {
    return this.#routers.verdict(this.#choice, this.#others, master, this.#nowMs);
  }

  /** A router was heard while this master was followed. Returns a third one that ends what applied so far, or `null`. */
  heard(from: IpAddress, master: IpAddress | null): IpAddress | null {
    const routers = this.#routers;
    // Nearly every advert of a peer that is known: nothing else is looked at.
    if (routers.heardAgain(from, this.#nowMs)) return null;
    const { applies } = this.verdict(master);
    const third = routers.heard(from, this.#others, this.#nowMs);
    const { thirdRouters } = this.#context;
    thirdRouters.retain(this.#audience, routers.third);
    if (third === null) return null;
    thirdRouters.heard(this.#audience, third, this.#nowMs);
    return applies ? third : null;
  }

  /** The third routers that were heard, of all that it can hear now: a reload may have changed which these are. */
  get #routers(): SoleBackup {
    const config = this.#config();
    if (config === this.#seen) return this.#known;
    this.#seen = config;
    const audience = audienceOf(config);
    if (audience === this.#audience) return this.#known;
    this.#audience = audience;
    this.#known = this.#nobodyHeard();
    const { thirdRouters } = this.#context;
    for (const { address, atMs } of thirdRouters.of(audience)) {
      const nowMs = this.#nowMs;
      // The clock was set back since it was written down: each run would begin its day again.
      if (atMs > nowMs) thirdRouters.heard(audience, address, nowMs);
      this.#known.remember(address, Math.min(atMs, nowMs));
    }
    return this.#known;
  }

  #nobodyHeard(): SoleBackup {
    return new SoleBackup(this.#context.thirdRouters.remedy);
  }

  get #choice() {
    return this.#config().soleBackup;
  }

  get #others(): OtherRouters {
    return { unicast: this.#config().unicast?.peers ?? null, nodes: this.#context.nodes() };
  }

  /** Of the clock that outlives the program. */
  get #nowMs(): number {
    return this.#context.host.wallClockMs();
  }
}
