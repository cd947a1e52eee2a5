/**
 * The interfaces as netlink shows them, and the virtual ones that are made through it.
 *
 * @module
 */

import type { Interfaces } from "../../host/interfaces.ts";
import type { Netlink } from "../netlink/netlink.ts";
import type { VirtualInterfaces } from "../netlink/virtual_interfaces.ts";

export function linuxInterfaces(netlink: Netlink, virtual: VirtualInterfaces): Interfaces {
  return {
    interfaceState: (name) => netlink.interfaceState(name),
    interfaceNames: () => netlink.interfaceNames(),
    readInterfaces: () => netlink.readAgain(),
    watchInterfaces: (listener) => netlink.watch(listener),
    addInterface: (wanted) => virtual.add(wanted),
    removeInterface: (name) => virtual.remove(name),
    setInterfaceUp: (name, up) => virtual.setUp(name, up),
    restoreInterface: (wanted) => virtual.restore(wanted),
    ownInterfaces: () => virtual.own(),
  };
}
