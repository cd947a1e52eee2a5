/**
 * Watches the addresses of one interface, as the kernel reports each change (ip-monitor(8)).
 *
 * @module
 */

import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { sleep } from "./wait.ts";

/** One report of the kernel. Times are those of one watch, in milliseconds: they compare with each other alone. */
export interface AddressChange {
  readonly atMs: number;
  /** With its prefix length, `192.168.31.5/24`: an interface may have an address once for each. */
  readonly address: string;
  readonly kind: "added" | "deleted";
  /** Another address of its network is the primary one. */
  readonly secondary: boolean;
}

/** By then `ip monitor` listens, in milliseconds: it does not say when. */
const START_MS = 300;

export class AddressWatch {
  readonly #process: LabProcess;
  readonly #changes: AddressChange[] = [];

  private constructor(process: LabProcess) {
    this.#process = process;
    process.onLine((line) => {
      const change = parseChange(line);
      if (change !== null) this.#changes.push(change);
    });
  }

  /** Starts watching; resolves when every later change will be seen. */
  static async start(host: LabHost, device: string): Promise<AddressWatch> {
    const command = ["ip", "-ts", "-o", "-4", "monitor", "address", "dev", device];
    const watch = new AddressWatch(host.start("address watch", command));
    await sleep(START_MS);
    return watch;
  }

  /** All of them so far, oldest first; an address that is changed in place is added once more. */
  get changes(): readonly AddressChange[] {
    return this.#changes;
  }

  /**
   * How long after the return of an own address a virtual one is a secondary address again, for good, in milliseconds;
   * `Infinity` if it is gone at the end, or the primary one.
   */
  backMs(own: string, virtual: string): number {
    const ownAt = this.#changes.findIndex((it) => it.kind === "added" && it.address === own);
    if (ownAt < 0) return Infinity;
    const since = this.#changes.slice(ownAt).filter(({ address }) => address === virtual);
    const isBack = ({ kind, secondary }: AddressChange) => kind === "added" && secondary;
    const back = since[since.findLastIndex((change) => !isBack(change)) + 1];
    return back === undefined ? Infinity : back.atMs - this.#changes[ownAt]!.atMs;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

/** One line of `ip -ts -o monitor address`; `null` for any other one. */
export function parseChange(line: string): AddressChange | null {
  const found = /^\[([\dT:.-]+)\] (Deleted )?\d+: \S+ +inet ([\d.]+\/\d+) (.*)$/.exec(line);
  if (found === null) return null;
  const [, time = "", deleted, address = "", rest = ""] = found;
  return {
    atMs: parsedMs(time),
    address,
    kind: deleted === undefined ? "added" : "deleted",
    secondary: /\bsecondary\b/.test(rest),
  };
}

/** With parts of a millisecond, which `Date` does not keep. */
function parsedMs(time: string): number {
  const [seconds = "", fraction = "0"] = time.split(".");
  return Date.parse(seconds) + Number(`0.${fraction}`) * 1000;
}
