/** What pairs with one VRID have, and who holds an address. */

import type { AuthenticationConfig, InstanceConfig } from "../../../src/config/model.ts";
import { type SimCluster, VIP } from "../../../src/sim/cluster.ts";
import type { HmacMode } from "../../../src/vrrp/hmac.ts";
import type { IpAddress } from "../../../src/wire/address.ts";

export const NONE = { type: "none" } as const;
export const OTHER = { ...VIP, address: "192.168.31.105", label: "eth1:5" };
export const VIP6 = { address: "fe80::5", prefixLength: 64, device: "eth1" };
export const OTHER6 = { ...VIP6, address: "fe80::105" };

export const signed = (octet: number, mode: HmacMode = "enforce"): AuthenticationConfig => ({
  ...{ type: "hmac", keys: [{ id: 1, key: new Uint8Array(32).fill(octet) }], activeKey: 1 },
  ...{ replay: "time", windowMs: 300_000, mode },
});

export type Settings = Partial<InstanceConfig> & Pick<InstanceConfig, "addresses">;

export const V3 = { version: 3, authentication: NONE } as const;
export const V6 = { ...V3, family: "ipv6" } as const;
export const SIGNED = { authentication: signed(7) };

export function holders(cluster: SimCluster, address: IpAddress): string[] {
  return cluster.nodes.flatMap(({ host }) =>
    host.virtualAddresses.some((held) => held.address === address) ? [host.name] : []
  );
}
