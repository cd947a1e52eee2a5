/**
 * Where TCP listens on this machine, proc_net(5).
 *
 * @module
 */

import { formatIp } from "../wire/address.ts";
import type { Listener } from "../doctor/facts.ts";

/** TCP_LISTEN of the kernel's tcp_states.h, as /proc/net/tcp writes it. */
const LISTEN = "0A";

/** Who reads /proc and /sys. */
export interface KernelFiles {
  readKernelFile(path: string): string | null;
}

/** All listening sockets; `null` where the kernel does not tell. */
export function readListeners(host: KernelFiles): Listener[] | null {
  const tables = ["tcp", "tcp6"].map((name) => host.readKernelFile(`/proc/net/${name}`));
  if (tables.every((table) => table === null)) return null;
  return tables.flatMap((table) => table === null ? [] : readTable(table));
}

/** The listening sockets of one table. */
export function readTable(table: string): Listener[] {
  return table.split("\n").slice(1).flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    if (local === undefined || state !== LISTEN) return [];
    const [address = "", port = ""] = local.split(":");
    return [{ address: readAddress(address), port: parseInt(port, 16) }];
  });
}

/** Hexadecimal digits of 32-bit words in the machine's order: little-endian on all that vipd runs on. */
function readAddress(text: string): string {
  if (/^0*$/.test(text)) return "*";
  const octets = Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16));
  for (let word = 0; word < octets.length; word += 4) octets.subarray(word, word + 4).reverse();
  return formatIp(octets);
}
