/**
 * The addresses and ports on which TCP listens on this machine, proc_net(5).
 *
 * @module
 */

import type { KernelFiles } from "../../linux/kernel_reader.ts";
import type { Listener } from "../../doctor/facts.ts";
import { formatIp } from "../../wire/address.ts";

/** TCP_LISTEN of the kernel's tcp_states.h, as /proc/net/tcp writes it. */
const LISTEN = "0A";

/** A listening socket and its user. */
export interface ListeningSocket extends Listener {
  readonly uid: number;
}

/** All listening sockets; `null` if the kernel does not list them. */
export function readListeners(host: KernelFiles): ListeningSocket[] | null {
  const tables = ["tcp", "tcp6"].map((name) => host.readKernelFile(`/proc/net/${name}`));
  if (tables.every((table) => table === null)) return null;
  return tables.flatMap((table) => table === null ? [] : readTable(table));
}

/** The listening sockets of one table. */
export function readTable(table: string): ListeningSocket[] {
  return table.split("\n").slice(1).flatMap((line) => {
    const [, local, , state, , , , uid] = line.trim().split(/\s+/);
    if (local === undefined || state !== LISTEN) return [];
    const [address = "", port = ""] = local.split(":");
    return [{ address: readAddress(address), port: parseInt(port, 16), uid: Number(uid) }];
  });
}

/** An IPv4 address in an IPv6 socket (RFC 4291 section 2.5.5.2): the socket gets IPv4 connections. */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function isMapped(octets: Uint8Array): boolean {
  return octets.length === 16 && MAPPED.every((octet, index) => octets[index] === octet);
}

/**
 * Hexadecimal digits of 32-bit words in the machine's order: little-endian on every platform that vipd runs on. All
 * addresses are `0.0.0.0` or `::`; the kernel does not list whether the latter takes IPv4 as well.
 */
function readAddress(text: string): string {
  const octets = Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16));
  for (let word = 0; word < octets.length; word += 4) octets.subarray(word, word + 4).reverse();
  const plain = isMapped(octets) ? octets.subarray(MAPPED.length) : octets;
  return formatIp(plain);
}
