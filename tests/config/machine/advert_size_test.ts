/** Adverts that are larger than the MTU of their interface. */

import assert from "node:assert/strict";
import {
  advertOctets,
  advertSizeFindings,
  hasLargeAdverts,
} from "../../../src/config/machine/advert_size.ts";
import type { InstanceConfig } from "../../../src/config/model.ts";
import { config, instanceConfig } from "../../../src/sim/cluster.ts";
import { advertisedAddresses } from "../../../src/vip/addresses.ts";
import { encodeAdvertisement } from "../../../src/wire/vrrp.ts";

function addresses(family: "ipv4" | "ipv6", count: number): InstanceConfig["addresses"] {
  return Array.from({ length: count }, (_, index) => ({
    address: family === "ipv4" ? `10.0.0.${index + 1}` : `fe80::${(index + 1).toString(16)}`,
    prefixLength: 64,
    device: "eth1",
  }));
}

Deno.test("an advert is as large as what is encoded, with its IP header", () => {
  for (
    const [family, version, header] of [["ipv4", 2, 20], ["ipv4", 3, 20], ["ipv6", 3, 40]] as const
  ) {
    const instance = instanceConfig({ family, version, addresses: addresses(family, 9) });
    const encoded = encodeAdvertisement(
      {
        ...{ version, vrid: 55, priority: 100, intervalCs: 100 },
        addresses: advertisedAddresses(instance.addresses),
        authentication: { type: 0, data: new Uint8Array(8) },
      },
      family === "ipv4"
        ? { source: "10.0.0.1", destination: "224.0.0.18" }
        : { source: "fe80::1", destination: "ff02::12" },
      "pseudo_header",
    );
    assert.equal(advertOctets(instance), header + encoded.length);
  }
});

Deno.test("an advert larger than the MTU is a warning at its addresses, another is none", () => {
  const ninety = { family: "ipv6", version: 3, addresses: addresses("ipv6", 90) } as const;
  const file = config("lb01", { ...ninety, authentication: { type: "none" } });
  const codes = (mtu: number | null) =>
    advertSizeFindings(file, (name) => name === "eth1" ? mtu : null)
      .map(({ severity, code, path }) => [severity, code, path.join(".")]);
  assert.deepEqual(codes(1487), [["warning", "advert_exceeds_mtu", "instances.0.addresses"]]);
  assert.deepEqual(codes(1488), []);
  assert.deepEqual(codes(null), []);
});

Deno.test("the MTU matters for each advert that some interface may not carry", () => {
  const rows = [["ipv4", 8, false], ["ipv4", 9, true], ["ipv6", 77, false], ["ipv6", 78, true]];
  for (const [family, count, matters] of rows as ["ipv4" | "ipv6", number, boolean][]) {
    const version = family === "ipv4" ? 2 : 3;
    const instance = { family, version, addresses: addresses(family, count) } as const;
    assert.equal(hasLargeAdverts(config("lb01", instance)), matters, `${count} of ${family}`);
  }
});
