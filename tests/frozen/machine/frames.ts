/**
 * The frames that a node sends on one interface: adverts, announcements and probes of virtual addresses, octet by octet but
 * for what is of one run.
 *
 * @module
 */

import { LabError } from "../../../lab/error.ts";
import type { LabHost } from "../../../lab/host.ts";
import { readPcap } from "../../../lab/pcap.ts";
import type { LabProcess } from "../../../lab/process.ts";
import { waitFor } from "../../../lab/wait.ts";
import { parseIp } from "../../../src/wire/address.ts";
import { TRAILER_OCTETS } from "../../../src/wire/vrrp_trailer.ts";

const FILE = "/run/lab/frames.pcap";

/** Octets of an Ethernet and of an IPv6 header, and where the checksum stands in a VRRP message. */
const ETHERNET_OCTETS = 14;
const IPV6_OCTETS = 40;
const VRRP_CHECKSUM_AT = 6;
/** Of an HMAC trailer, what stays the same: type, key and reserved. */
const TRAILER_HEAD_OCTETS = 4;
const ETHERTYPES = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
const PROTOCOL_VRRP = 112;
const PROTOCOL_ICMPV6 = 58;
/** RFC 4861 sections 4.3 and 4.4. */
const NEIGHBOUR_SOLICITATION = 135;
const NEIGHBOUR_ADVERTISEMENT = 136;
/**
 * To whom announcements go: to all (RFC 2464 section 7). The answers of the kernel go to the one who asks. That one may be
 * the next master, whose announcement is a request for its own address (RFC 5227 section 3). The kernel of the old master
 * answers it when it comes in the microseconds in which that address is removed, with the same address as sender and target.
 */
const TO_ALL = { arp: "ffffffffffff", ipv6: "333300000001" } as const;
/** RFC 826: where the sender's and the target's address stand in an ARP packet. */
const ARP = { senderAt: 14, targetAt: 24 } as const;

export type FrameKind = "advert" | "announcement" | "probe";

export interface SentFrame {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly kind: FrameKind;
  /** Hexadecimal digits, `..` for octets of one run. */
  readonly text: string;
}

/** Records what a host sends out of its interface eth1. */
export class FrameRecorder {
  readonly #host: LabHost;
  readonly #process: LabProcess;

  private constructor(host: LabHost, process: LabProcess) {
    this.#host = host;
    this.#process = process;
  }

  static async start(host: LabHost): Promise<FrameRecorder> {
    const options = "-i eth1 -Q out -Z root -n -s 0 -B 4096 -U -w".split(" ");
    const filter = "ip proto 112 or ip6 proto 112 or arp or icmp6";
    const process = host.start("tcpdump", ["tcpdump", ...options, FILE, filter]);
    const listens = () => process.lastLines.some((line) => line.includes("listening on"));
    await waitFor("tcpdump", listens, { timeoutMs: 10_000, everyMs: 20 });
    return new FrameRecorder(host, process);
  }

  /**
   * Ends the recording.
   *
   * @param addresses the virtual ones: what the kernel says of others is its own business
   * @param signed whether adverts have an HMAC trailer
   * @throws {LabError} When the kernel had to leave frames out.
   */
  async stop(addresses: readonly string[], signed: boolean): Promise<SentFrame[]> {
    await this.#process.stop();
    const said = this.#process.lastLines.find((line) => line.includes("dropped by kernel"));
    if (!said?.startsWith("0 ")) throw new LabError(`the capture is not complete: ${said}`);
    const octets = await Deno.readFile(`/proc/${this.#host.pid}/root${FILE}`);
    const virtual = addresses.map((address) => parseIp(address)!.toHex());
    return readPcap(octets).flatMap(({ atMs, frame }) => {
      const kind = kindOf(frame, virtual);
      return kind === null ? [] : [{ atMs, kind, text: frameText(frame, kind, signed) }];
    });
  }
}

/**
 * What vipd sent with this frame; `null` if the kernel did.
 *
 * @param virtual the virtual addresses, in hexadecimal digits
 */
export function kindOf(frame: Uint8Array, virtual: readonly string[]): FrameKind | null {
  const [type, packet] = [etherType(frame), frame.subarray(ETHERNET_OCTETS)];
  const address = (at: number, octets: number) => packet.subarray(at, at + octets).toHex();
  const receiver = frame.subarray(0, 6).toHex();
  if (type === ETHERTYPES.arp) {
    const [sender, target] = [address(ARP.senderAt, 4), address(ARP.targetAt, 4)];
    if (!virtual.includes(target) || receiver !== TO_ALL.arp) return null;
    return sender === target ? "announcement" : sender === "00000000" ? "probe" : null;
  }
  if (type === ETHERTYPES.ipv4) return packet[9] === PROTOCOL_VRRP ? "advert" : null;
  if (packet[6] === PROTOCOL_VRRP) return "advert";
  if (packet[6] !== PROTOCOL_ICMPV6 || !virtual.includes(address(IPV6_OCTETS + 8, 16))) return null;
  if (packet[IPV6_OCTETS] === NEIGHBOUR_ADVERTISEMENT) {
    return receiver === TO_ALL.ipv6 ? "announcement" : null;
  }
  return packet[IPV6_OCTETS] === NEIGHBOUR_SOLICITATION ? "probe" : null;
}

function frameText(frame: Uint8Array, kind: FrameKind, signed: boolean): string {
  const pairs = Array.from(frame, (octet) => octet.toString(16).padStart(2, "0"));
  const hide = (from: number, to: number) => pairs.fill("..", from, to);
  const ipv4 = etherType(frame) === ETHERTYPES.ipv4;
  // RFC 791: identification and header checksum.
  if (ipv4) hide(ETHERNET_OCTETS + 4, ETHERNET_OCTETS + 6);
  if (ipv4) hide(ETHERNET_OCTETS + 10, ETHERNET_OCTETS + 12);
  if (kind === "advert" && signed) {
    hide(frame.length - TRAILER_OCTETS + TRAILER_HEAD_OCTETS, frame.length);
    const message = ETHERNET_OCTETS + IPV6_OCTETS + VRRP_CHECKSUM_AT;
    if (!ipv4) hide(message, message + 2);
  }
  return pairs.join("");
}

function etherType(frame: Uint8Array): number {
  return (frame[12] ?? 0) << 8 | (frame[13] ?? 0);
}
