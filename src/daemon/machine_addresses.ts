/**
 * Whose the addresses of this machine are: vipd's, or its own. For commands that look without being the load balancer.
 *
 * @module
 */

import type { Config } from "../config/model.ts";
import type { InterfaceState } from "../host/interfaces.ts";
import { marksAddresses, readInterfaces } from "../linux/netlink/interface_dump.ts";
import { findProcesses } from "../linux/process/processes.ts";
import { BOOT_ID_FILE, readKernelFile } from "../linux/sys/kernel_files.ts";
import { Libc } from "../linux/sys/libc.ts";
import type { PlacedAddress } from "../vip/addresses.ts";
import { findRecord, type FoundRecord } from "./files/found_record.ts";

export interface MachineAddresses {
  /** An address without `foreign` is vipd's. */
  readonly interfaces: readonly InterfaceState[];
  /** keepalived runs. It removes its addresses when it stops, and nothing distinguishes them from the machine's own. */
  readonly keepalived: boolean;
}

/** @throws {Error} on a system that cannot be asked */
export async function machineAddresses(
  config: Pick<Config, "runDir" | "instances">,
): Promise<MachineAddresses> {
  const libc = Libc.open();
  try {
    const added = marksAddresses(libc) ? [] : await unmarked(libc, config);
    return {
      interfaces: readInterfaces(libc, added),
      keepalived: findProcesses(libc, "keepalived").length > 0,
    };
  } finally {
    libc.close();
  }
}

async function unmarked(
  libc: Libc,
  { runDir, instances }: Pick<Config, "runDir" | "instances">,
): Promise<readonly PlacedAddress[]> {
  const boot = (readKernelFile(libc, BOOT_ID_FILE) ?? "").trim();
  const found = await findRecord(runDir, boot).catch(() => null);
  return addedAddresses(found, instances.flatMap(({ addresses }) => addresses));
}

/**
 * The addresses that an engine has added, where the kernel keeps no mark.
 *
 * @param found its record; `null` if this user may not read it
 * @param configured the addresses that it may have added if the record says nothing
 */
export function addedAddresses(
  found: FoundRecord | null,
  configured: readonly PlacedAddress[],
): readonly PlacedAddress[] {
  if (found?.kind === "none") return [];
  return found?.kind === "record"
    ? found.record.instances.filter(({ held }) => held).flatMap(({ addresses }) => addresses)
    : configured;
}
