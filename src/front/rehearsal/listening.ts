/**
 * The listening sockets of this machine, as the kernel says: an address that this node does not have can be looked at, not
 * connected to. proc_net_tcp(5).
 *
 * @module
 */

import { canonicalIp } from "../../wire/address.ts";
import type { ProcFiles } from "./proc_files.ts";

/** TCP_LISTEN of the kernel. */
const LISTENING = "0A";

/** `ADDRESS PORT` of each listening TCP socket; `null` if the kernel does not say. */
export function listeningSockets(proc: ProcFiles): ReadonlySet<string> | null {
  const v4 = proc.read("/proc/self/net/tcp");
  const v6 = proc.read("/proc/self/net/tcp6") ?? "";
  return v4 === null ? null : new Set([...readSockets(v4), ...readSockets(v6)]);
}

/** The listening sockets of one of the two files. */
export function readSockets(text: string): string[] {
  return text.split("\n").slice(1).flatMap((line) => {
    const [, local = "", , state] = line.trim().split(/\s+/);
    const [hex = "", port = ""] = local.split(":");
    const address = state === LISTENING ? addressOf(hex) : null;
    return address === null ? [] : [`${address} ${parseInt(port, 16)}`];
  });
}

/** Words of 32 bits, each in the order of the machine; vipd runs on little-endian ones. */
function addressOf(hex: string): string | null {
  const words = hex.match(/.{8}/g) ?? [];
  const octets = words.flatMap((word) =>
    word.match(/../g)!.reverse().map((it) => parseInt(it, 16))
  );
  if (octets.length === 4) return octets.join(".");
  if (octets.length !== 16) return null;
  const groups = Array.from(
    { length: 8 },
    (_, at) => (octets[2 * at]! * 256 + octets[2 * at + 1]!).toString(16),
  );
  return canonicalIp(groups.join(":"));
}
