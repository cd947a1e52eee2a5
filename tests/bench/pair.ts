/**
 * Two nodes of one brand in a lab of their own, whose master can be made to vanish again and again.
 *
 * @module
 */

import { HolderWatch } from "../../lab/holders.ts";
import { Keepalived } from "../../lab/keepalived.ts";
import { Lab } from "../../lab/network.ts";
import {
  keepalivedConfig,
  masterDownMs,
  PAIR_ADDRESS,
  PAIR_PLAN,
  type PairSettings,
  vipdConfig,
} from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";
import { type WirePacket, WireWatch } from "../../lab/wire.ts";

const PRIORITIES = { lb01: 150, lb02: 100 } as const;
const BACKUP_ADDRESS = "192.168.31.12";
const MASTER_ADDRESS = "192.168.31.11";

export const BRANDS = ["vipd", "keepalived"] as const;
export type Brand = typeof BRANDS[number];

/** A takeover, in milliseconds later than Master_Down_Interval after the master's last advert. */
export interface Lateness {
  readonly advertMs: number;
  readonly claimMs: number;
}

/** Two nodes of one brand. */
export class Pair implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #settings: PairSettings;
  readonly #wire: WireWatch;
  readonly #holders: HolderWatch;

  private constructor(lab: Lab, settings: PairSettings, wire: WireWatch, holders: HolderWatch) {
    this.#lab = lab;
    this.#settings = settings;
    this.#wire = wire;
    this.#holders = holders;
  }

  /** Starts both nodes. `binary` is the built vipd; without it vipd runs from source. */
  static async open(brand: Brand, settings: PairSettings, binary?: string): Promise<Pair> {
    await using made = new AsyncDisposableStack();
    const lab = made.use(await Lab.open(`bench-${Deno.pid}`, PAIR_PLAN));
    const wire = await WireWatch.start(lab.host("lb02"), "eth1");
    // A look every 100 ms: it only tells when the next run may begin, and must not be in the way.
    const holders = await HolderWatch.start(lab.hosts, PAIR_ADDRESS, 100);
    for (const name of ["lb01", "lb02"] as const) {
      const host = lab.host(name);
      const priority = PRIORITIES[name];
      if (brand === "keepalived") {
        await Keepalived.start(host, keepalivedConfig(settings, priority));
      } else {
        const config = vipdConfig(settings, priority);
        await new Vipd(host, { config, binary }).start();
      }
    }
    made.move();
    return new Pair(lab, settings, wire, holders);
  }

  /** How long the backup has to wait, in milliseconds. */
  static masterDownMs(settings: PairSettings): number {
    return masterDownMs(settings, PRIORITIES.lb02);
  }

  /** Cuts the master off at `phase` (0 to 1) of its advert interval and measures the takeover. */
  async vanish(phase: number): Promise<Lateness> {
    await this.#holders.heldBy("lb01", 30_000);
    await this.#nextAdvert();
    await sleep(this.#settings.advertIntervalMs * phase);
    const cutAtMs = clockMs();
    await this.#lab.cut("lb01", "eth1", "silent");
    const waitMs = Pair.masterDownMs(this.#settings);
    const taken = await waitFor("the takeover", () => this.#takeover(cutAtMs), {
      timeoutMs: waitMs + 10_000,
    });
    await this.#lab.heal("lb01", "eth1");
    const dueMs = taken.lastAdvertMs + waitMs;
    return { advertMs: taken.advertMs - dueMs, claimMs: taken.claimMs - dueMs };
  }

  /** Waits for an advert of the master, so that the phase of the cut is known. */
  async #nextAdvert(): Promise<void> {
    const seen = this.#wire.packets.length;
    const isAdvert = (it: WirePacket) => it.kind === "advert" && it.source === MASTER_ADDRESS;
    await waitFor("an advert", () => this.#wire.packets.slice(seen).some(isAdvert), {
      timeoutMs: 10_000,
      everyMs: 1,
    });
  }

  #takeover(cutAtMs: number) {
    const packets = this.#wire.packets;
    const lastAdvert = packets.findLast((it) =>
      it.kind === "advert" && it.source === MASTER_ADDRESS
    );
    const advert = packets.find((it) =>
      it.kind === "advert" && it.source === BACKUP_ADDRESS && it.atMs > cutAtMs
    );
    const claim = packets.find((it) =>
      it.kind === "claim" && it.address === PAIR_ADDRESS && it.atMs > cutAtMs
    );
    if (!lastAdvert || !advert || !claim) return null;
    return { lastAdvertMs: lastAdvert.atMs, advertMs: advert.atMs, claimMs: claim.atMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab[Symbol.asyncDispose]();
  }
}
