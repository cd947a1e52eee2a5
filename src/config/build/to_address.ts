/**
 * From the file's virtual addresses to those that the program uses.
 *
 * @module
 */

import type { VirtualAddress } from "../../vip/addresses.ts";
import type { AddressValues } from "../schema/instance.ts";
import { broadcastAddress } from "../values/host_values.ts";

/** One virtual address; on `device` where it names none. */
export function toAddress(values: AddressValues, device: string): VirtualAddress {
  const { address, label, scope } = values;
  const broadcast = values.broadcast === "auto" ? broadcastAddress(address) : values.broadcast;
  return {
    ...address,
    device: values.device ?? device,
    ...(label !== undefined && { label }),
    ...(scope !== undefined && scope !== "global" && { scope }),
    ...(broadcast && broadcast !== "none" && { broadcast }),
  };
}
