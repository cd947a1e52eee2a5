/**
 * The layers of both families, and the calls that sending and receiving sockets have in common.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import { SO_BINDTODEVICE, SOL_SOCKET } from "../sys/constants.ts";
import { must } from "../sys/errors.ts";
import type { Libc } from "../sys/libc.ts";
import type { IpLayer, SocketTarget } from "./ip_layer.ts";
import { IPV4_LAYER } from "./ipv4_layer.ts";
import { IPV6_LAYER } from "./ipv6_layer.ts";

export const LAYERS: Readonly<Record<Family, IpLayer>> = { ipv4: IPV4_LAYER, ipv6: IPV6_LAYER };

/** The attempted action, for messages. */
export function openAction(target: SocketTarget): string {
  return `open VRRP on ${target.name}`;
}

/** @throws {SysError} */
export function bindToInterface(
  libc: Libc,
  fd: number,
  action: string,
  target: SocketTarget,
): void {
  const name = new TextEncoder().encode(`${target.name}\0`);
  const bound = libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name);
  must(action, "setsockopt(SO_BINDTODEVICE)", bound);
}
