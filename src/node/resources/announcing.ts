/**
 * Sends announcements a few at a time: hundreds of addresses announced in one go would keep the adverts
 * waiting, and with them the proof that this master is alive. Each address is announced once at first, and again when
 * all else that is due has been done: where hundreds of instances take over in one turn, each is announced and speaks
 * before any is announced a second time.
 *
 * @module
 */

import type { CancelTimer } from "../../host/clock.ts";
import type { HostError } from "../../host/errors.ts";
import type { Host } from "../../host/host.ts";
import { isAlike, type VirtualAddress } from "../../vip/addresses.ts";

/** The host as it needs it. */
export type AnnouncingHost = Pick<Host, "nowMs" | "setTimer" | "announce">;

/** How many packets are sent in one go; each costs some tens of microseconds. */
const BURST = 16;
/** Time until the next go, the first repeat too, where no interval is configured, in milliseconds. */
const PAUSE_MS = 1;

export class Announcing {
  readonly #host: AnnouncingHost;
  /** Least time between two packets, in milliseconds; 0 for bursts. */
  intervalMs: number;
  readonly #failed: (address: VirtualAddress, error: HostError) => void;
  #waiting: VirtualAddress[] = [];
  #cancelTimer: CancelTimer = () => {};

  /** `failed` gets what the host refuses; the rest of that announcement is not tried. */
  constructor(
    host: AnnouncingHost,
    intervalMs: number,
    failed: (address: VirtualAddress, error: HostError) => void,
  ) {
    this.#host = host;
    this.intervalMs = intervalMs;
    this.#failed = failed;
  }

  /** Announces all addresses, then all again, `repeat` times; what still waited is replaced. */
  announce(addresses: readonly VirtualAddress[], repeat: number): void {
    this.cancel();
    this.#waiting = repeated(addresses, repeat);
    this.#send(addresses.length);
  }

  /** Announces these `repeat` times as well, after what still waits. */
  also(addresses: readonly VirtualAddress[], repeat: number): void {
    const idle = this.#waiting.length === 0;
    this.#waiting.push(...repeated(addresses, repeat));
    if (idle) this.#send(addresses.length);
  }

  /** An address that waits and is not among these is announced no more. */
  keep(addresses: readonly VirtualAddress[]): void {
    this.#waiting = this.#waiting.filter((waiting) =>
      addresses.some((address) => isAlike(address, waiting))
    );
  }

  cancel(): void {
    this.#cancelTimer();
    this.#waiting = [];
  }

  #send(most = BURST): void {
    const count = this.intervalMs > 0 ? 1 : Math.min(most, BURST);
    for (const address of this.#waiting.splice(0, count)) {
      const error = this.#host.announce(address);
      if (!error) continue;
      this.#waiting = [];
      return this.#failed(address, error);
    }
    if (this.#waiting.length === 0) return;
    const atMs = this.#host.nowMs() + (this.intervalMs || PAUSE_MS);
    this.#cancelTimer = this.#host.setTimer(atMs, () => this.#send());
  }
}

/** All addresses, then all again, so many times. */
function repeated(addresses: readonly VirtualAddress[], times: number): VirtualAddress[] {
  const all: VirtualAddress[] = [];
  for (let time = 0; time < times; time++) all.push(...addresses);
  return all;
}
