/**
 * All interfaces with their addresses, asked once.
 *
 * @module
 */

import type { InterfaceState } from "../../host/interfaces.ts";
import type { PlacedAddress } from "../../vip/addresses.ts";
import { RTM_GETADDR, RTM_GETLINK, RTM_NEWADDR, RTM_NEWLINK } from "../../wire/netlink/netlink.ts";
import {
  type AddressMessage,
  decodeAddress,
  decodeLink,
  encodeAddressQuery,
  encodeLinkQuery,
  type LinkMessage,
} from "../../wire/netlink/rtnetlink.ts";
import { readKernelFile } from "../sys/kernel_files.ts";
import type { Libc } from "../sys/libc.ts";
import { InterfaceTable } from "./interface_table.ts";
import { VIPD_ADDRESS_PROTOCOL } from "./lease_renewals.ts";
import { NetlinkRequester } from "./netlink_socket.ts";

/** The first Linux whose addresses say which program added them (IFA_PROTO). */
const MARKING_LINUX = [5, 18] as const;

export interface InterfaceDump {
  readonly links: readonly LinkMessage[];
  readonly addresses: readonly AddressMessage[];
}

/** @throws {SysError} */
export function dumpInterfaces(requester: NetlinkRequester): InterfaceDump {
  const links = requester.dump(
    RTM_GETLINK,
    encodeLinkQuery(),
    ({ type, payload }) => type === RTM_NEWLINK ? decodeLink(payload) : null,
  );
  const addresses = requester.dump(
    RTM_GETADDR,
    encodeAddressQuery(),
    ({ type, payload }) => type === RTM_NEWADDR ? decodeAddress(payload) : null,
  );
  return { links, addresses };
}

/**
 * The interfaces at this moment.
 *
 * @param added vipd has added these, although they may not carry its mark
 * @throws {SysError}
 */
export function readInterfaces(libc: Libc, added: readonly PlacedAddress[]): InterfaceState[] {
  const requester = new NetlinkRequester(libc);
  try {
    const { links, addresses } = dumpInterfaces(requester);
    const table = new InterfaceTable(VIPD_ADDRESS_PROTOCOL);
    table.replace(links, addresses, false);
    for (const { address, device } of added) {
      const index = table.link(device)?.index;
      if (index !== undefined) table.adopt(index, address);
    }
    return table.names().map((name) => table.state(name)!);
  } finally {
    requester.close();
  }
}

/** Whether addresses keep vipd's mark; else only a record of the engine says which ones it has added. */
export function marksAddresses(libc: Libc): boolean {
  return isMarkingLinux(readKernelFile(libc, "/proc/sys/kernel/osrelease") ?? "");
}

/** @param release as `uname -r` shows it */
export function isMarkingLinux(release: string): boolean {
  const [major = 0, minor = 0] = release.split(".").map((part) => parseInt(part));
  return major > MARKING_LINUX[0] || (major === MARKING_LINUX[0] && minor >= MARKING_LINUX[1]);
}
