/**
 * The interfaces as netlink shows them, and the virtual ones that are made through it.
 *
 * @module
 */

import type { Interfaces } from "../../host/interfaces.ts";
import { arpProblems, type ArpSetting } from "../../vip/arp_settings.ts";
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
    arpIgnore: (name) => arpSetting(libc, name, "arp_ignore") ?? 0,
    arpProblems: (name) =>
      arpProblems(name, virtual.below(name), (on, setting) => arpSetting(libc, on, setting)),
    readInterfaces: () => netlink.readAgain(),
    watchInterfaces: (listener) => netlink.watch(listener),
    addInterface: (desired) => virtual.add(desired),
    removeInterface: (name) => virtual.remove(name),
    setInterfaceUp: (name, up) => virtual.setUp(name, up),
    restoreInterface: (desired) => virtual.restore(desired),
    ownInterfaces: () => virtual.own(),
  };
}

/** The greater one of the interface's and that of all counts (ip-sysctl.rst); `null` without such an interface. */
function arpSetting(libc: Libc, name: string, setting: ArpSetting): number | null {
  const [own, all] = [name, "all"].map((place) =>
    readKernelFile(libc, `/proc/sys/net/ipv4/conf/${place}/${setting}`)
  );
  return own === null ? null : Math.max(Number(own), Number(all ?? 0));
}
