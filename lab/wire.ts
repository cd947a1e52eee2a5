/**
 * Captures the wire: VRRP and ARP as a host's interface sees them, with the kernel's time stamps (tcpdump(8)).
 *
 * @module
 */

import type { LabHost } from "./host.ts";
import type { LabProcess } from "./process.ts";
import { waitFor } from "./wait.ts";

/** A packet, at `atMs` milliseconds since the epoch. */
export type WirePacket =
  | {
    readonly kind: "advert";
    readonly atMs: number;
    readonly source: string;
    readonly priority: number;
  }
  | {
    /** An ARP packet whose sender claims the address (RFC 5227): gratuitous if it asks for it, too. */
    readonly kind: "claim";
    readonly atMs: number;
    readonly address: string;
  };

/** Watches one interface of one host. */
export class WireWatch {
  readonly #process: LabProcess;
  readonly #packets: WirePacket[] = [];

  private constructor(process: LabProcess) {
    this.#process = process;
    process.onLine((line) => {
      const packet = parse(line);
      if (packet !== null) this.#packets.push(packet);
    });
  }

  /** Starts watching; resolves when every later packet will be seen. */
  static async start(host: LabHost, device: string): Promise<WireWatch> {
    const process = host.start("tcpdump", [
      ...["tcpdump", "-i", device, "-Z", "root", "-n", "-tt", "-l", "--immediate-mode"],
      "ip proto 112 or arp",
    ]);
    const watch = new WireWatch(process);
    await waitFor("tcpdump", () => process.lastLines.some((line) => line.startsWith("listening")), {
      timeoutMs: 5000,
      everyMs: 10,
      explain: () => process.lastLines.join("\n"),
    });
    return watch;
  }

  /** Everything seen so far, oldest first. */
  get packets(): readonly WirePacket[] {
    return this.#packets;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

/** One line of tcpdump's output; `null` for a packet that is neither an advert nor a claim. */
export function parse(line: string): WirePacket | null {
  const advert = /^(\d+\.\d+) IP (\S+) > \S+ VRRPv[23], Advertisement,.* prio (\d+)/.exec(line);
  if (advert !== null) {
    const [, seconds, source = "", priority] = advert;
    return { kind: "advert", atMs: Number(seconds) * 1000, source, priority: Number(priority) };
  }
  const claim = /^(\d+\.\d+) ARP, (?:Request who-has (\S+) .*tell \2,|Reply (\S+) is-at)/.exec(
    line,
  );
  if (claim === null) return null;
  const [, seconds, asked, told] = claim;
  return { kind: "claim", atMs: Number(seconds) * 1000, address: asked ?? told ?? "" };
}
