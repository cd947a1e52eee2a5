/**
 * Captures adverts by the thousand: tcpdump(8) writes them to a file with the kernel's time stamps. The lab reads the
 * file when all is over, so that watching costs next to nothing.
 *
 * @module
 */

import { formatIp } from "../src/wire/address.ts";
import { LabError } from "./error.ts";
import type { LabHost } from "./host.ts";
import { readPcap } from "./pcap.ts";
import type { LabProcess } from "./process.ts";
import { clockMs, sleep, waitFor } from "./wait.ts";

/** An advert, at `atMs` milliseconds since the epoch. */
export interface CapturedAdvert {
  readonly atMs: number;
  readonly source: string;
  readonly version: number;
  readonly vrid: number;
  readonly priority: number;
  readonly destination: string;
  /** TTL or hop limit. */
  readonly ttl: number;
  /** The VRRP message, as far as it was captured. */
  readonly message: Uint8Array;
}

/** Over IPv4 and IPv6 (pcap-filter(7)). */
const ADVERTS = "(ip proto 112 or ip6 proto 112)";

/** The kernel hands packets to tcpdump in blocks, at the latest a second after their beginning; with a margin. */
const BLOCK_MS = 1200;

let captures = 0;

/** Records the adverts that one interface of one host sees. */
export class AdvertCapture {
  readonly #host: LabHost;
  readonly #process: LabProcess;
  readonly #file: string;

  private constructor(host: LabHost, process: LabProcess, file: string) {
    this.#host = host;
    this.#process = process;
    this.#file = file;
  }

  /**
   * Starts recording; resolves when every later advert will be seen.
   *
   * @param filter Selects adverts (pcap-filter(7)), such as `src host 192.168.31.11`.
   * @param options `atOnce`: each is in `adverts()` as soon as it has passed, which costs a system call for each.
   */
  static async start(
    host: LabHost,
    device: string,
    filter?: string,
    options: { readonly atOnce: boolean } = { atOnce: false },
  ): Promise<AdvertCapture> {
    const file = `/run/lab/adverts-${++captures}.pcap`;
    const expression = filter === undefined ? ADVERTS : `${ADVERTS} and (${filter})`;
    const process = host.start("tcpdump", [
      ...["tcpdump", "-i", device, "-Z", "root", "-n", "-s", "128", "-B", "8192", "-U", "-w", file],
      ...(options.atOnce ? ["--immediate-mode"] : []),
      expression,
    ]);
    await waitFor("tcpdump", () => process.lastLines.some((it) => it.includes("listening on")), {
      timeoutMs: 5000,
      everyMs: 10,
      explain: () => process.lastLines.join("\n"),
    });
    return new AdvertCapture(host, process, file);
  }

  /** Everything seen so far, oldest first. */
  async adverts(): Promise<CapturedAdvert[]> {
    // The file is in the host's own /run, which this program reaches through the host's first process (proc(5)).
    const octets = await Deno.readFile(`/proc/${this.#host.pid}/root${this.#file}`);
    return readPcap(octets).flatMap(({ atMs, frame }) => readAdvert(atMs, frame) ?? []);
  }

  /**
   * Ends the recording; returns the adverts until this call.
   *
   * @throws {LabError} If the kernel had to drop packets: the recording would prove nothing.
   */
  async stop(): Promise<CapturedAdvert[]> {
    const untilMs = clockMs();
    // Packets in a block that the kernel has not handed over yet would be lost.
    await sleep(BLOCK_MS);
    await this.#process.stop();
    const said = this.#process.lastLines.find((it) => it.includes("dropped by kernel"));
    if (said === undefined || !said.startsWith("0 ")) {
      throw new LabError(`The capture is not complete: ${said ?? "tcpdump did not say"}`);
    }
    return (await this.adverts()).filter(({ atMs }) => atMs <= untilMs);
  }
}

const ETHERNET_OCTETS = 14;
const IPV6_HEADER_OCTETS = 40;

/** Ethernet, IP and the first three octets of VRRP, which versions 2 and 3 share (RFC 9568 section 5.1). */
function readAdvert(atMs: number, frame: Uint8Array): CapturedAdvert | null {
  const ip = frame.subarray(ETHERNET_OCTETS);
  const first = ip[0] ?? 0;
  const isIpv6 = first >> 4 === 6;
  const vrrp = ip.subarray(isIpv6 ? IPV6_HEADER_OCTETS : (first & 0x0f) * 4);
  const [versionAndType, vrid, priority] = vrrp;
  if (versionAndType === undefined || vrid === undefined || priority === undefined) return null;
  const addresses = isIpv6 ? [8, 24, 40] : [12, 16, 20];
  const [source, destination] = [0, 1].map((at) =>
    formatIp(ip.subarray(addresses[at], addresses[at + 1]))
  ) as [string, string];
  const ttl = ip[isIpv6 ? 7 : 8]!;
  const version = versionAndType >> 4;
  return { atMs, source, destination, ttl, version, vrid, priority, message: vrrp };
}
