/**
 * The interfaces as netlink shows them, and the virtual ones that are made through it.
 *
 * @module
 */

import type { Interfaces } from "../../host/interfaces.ts";
import type { Netlink } from "../netlink/netlink.ts";
import type { VirtualInterfaces } from "../netlink/virtual_interfaces.ts";
import { readKernelFile } from "../sys/kernel_files.ts";
import type { Libc } from "../sys/libc.ts";

export function linuxInterfaces(
  libc: Libc,
  netlink: Netlink,
  virtual: VirtualInterfaces,
): Interfaces {
  return {
    interfaceState: (name) => netlink.interfaceState(name),
    interfaceNames: () => netlink.interfaceNames(),
    arpIgnore: (name) => arpIgnore(libc, name),
    readInterfaces: () => netlink.readAgain(),
    watchInterfaces: (listener) => netlink.watch(listener),
    addInterface: (wanted) => virtual.add(wanted),
    removeInterface: (name) => virtual.remove(name),
    setInterfaceUp: (name, up) => virtual.setUp(name, up),
    restoreInterface: (wanted) => virtual.restore(wanted),
    ownInterfaces: () => virtual.own(),
  };
}

/** The greater one of the interface's and that of all counts (ip-sysctl.rst). */
function arpIgnore(libc: Libc, name: string): number {
  return Math.max(
    ...["all", name].map((place) =>
      Number(readKernelFile(libc, `/proc/sys/net/ipv4/conf/${place}/arp_ignore`) ?? 0)
    ),
  );
}
