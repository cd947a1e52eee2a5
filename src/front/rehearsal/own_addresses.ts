/**
 * The addresses that this machine has at this moment, from the kernel's tables of the network: the front may open no
 * netlink socket, which `Deno.networkInterfaces` needs.
 *
 * @module
 */

import { canonicalIp } from "../../wire/address.ts";
import type { ProcFiles } from "./proc_files.ts";

/** All of them, loopback too. */
export function ownAddresses(proc: ProcFiles): string[] {
  return [
    ...readLocalRoutes(proc.read("/proc/self/net/fib_trie") ?? ""),
    ...readInterfaceAddresses(proc.read("/proc/self/net/if_inet6") ?? ""),
  ];
}

/** `/proc/net/fib_trie`: each address of this machine is a route `/32 host LOCAL`. */
export function readLocalRoutes(text: string): string[] {
  const found = text.matchAll(
    /\|-- (\d+\.\d+\.\d+\.\d+)\n(?:\s+\/\d+ [^\n]*\n)*?\s+\/32 host LOCAL/g,
  );
  return Array.from(new Set(Array.from(found, ([, address]) => address!)));
}

/** `/proc/net/if_inet6`: 32 hexadecimal digits begin each line. */
export function readInterfaceAddresses(text: string): string[] {
  return Array.from(
    text.matchAll(/^([0-9a-f]{32}) /gm),
    ([, digits]) => canonicalIp(digits!.match(/.{4}/g)!.join(":")),
  ).filter((address) => address !== null);
}
