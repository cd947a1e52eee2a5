import assert from "node:assert/strict";
import type { Family } from "../../../src/wire/address.ts";
import { advertFilter, type ExpectedRouter } from "../../../src/wire/filters/advert_filter.ts";
import { encodeIpv4Datagram } from "../../../src/wire/ipv4.ts";
import { passes } from "../bpf_machine.ts";

function packet(family: Family, ...message: number[]): Uint8Array {
  const payload = Uint8Array.from(message);
  if (family === "ipv6") return payload;
  const header = { source: "10.0.0.2", destination: "224.0.0.18", ttl: 255, typeOfService: 0xc0 };
  return encodeIpv4Datagram({ ...header, protocol: 112 }, payload);
}

const ROUTERS: ExpectedRouter[] = [{ version: 2, vrid: 55 }, { version: 3, vrid: 7 }];

Deno.test("a packet reaches exactly one of the two: those for what is expected and for the rest", async (t) => {
  const rows = [
    { name: "version 2, its VRID", message: [0x21, 55, 100, 1], expected: true },
    { name: "version 3, its VRID", message: [0x31, 7, 100, 1], expected: true },
    { name: "another version", message: [0x31, 55, 100, 1], expected: false },
    { name: "another VRID", message: [0x21, 56, 100, 1], expected: false },
    { name: "another type", message: [0x22, 55, 100, 1], expected: false },
    { name: "a version and a VRID, and no more", message: [0x21, 55], expected: true },
    { name: "one octet", message: [0x21], expected: false },
    { name: "nothing", message: [], expected: false },
  ];
  for (const family of ["ipv4", "ipv6"] as const) {
    for (const { name, message, expected } of rows) {
      await t.step(`${family}: ${name}`, () => {
        const octets = packet(family, ...message);
        const reached = (["expected", "others"] as const).map((pass) =>
          passes(advertFilter(family, ROUTERS, pass), octets)
        );
        assert.deepEqual(reached, [expected, !expected]);
      });
    }
  }
});

Deno.test("all 255 VRIDs of both versions fit into what the kernel takes (BPF_MAXINSNS)", () => {
  const all = [2, 3].flatMap((version) =>
    Array.from({ length: 255 }, (_, index) => ({ version: version as 2 | 3, vrid: index + 1 }))
  );
  const program = advertFilter("ipv4", all, "expected");
  assert.ok(program.length <= 4096, `${program.length} instructions`);
  assert.equal(passes(program, packet("ipv4", 0x31, 255, 100, 1)), true);
  assert.equal(passes(program, packet("ipv4", 0x41, 255, 100, 1)), false);
});
