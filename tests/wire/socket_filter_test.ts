import assert from "node:assert/strict";
import type { Family } from "../../src/wire/address.ts";
import { encodeIpv4Datagram } from "../../src/wire/ipv4.ts";
import {
  encodeFilter,
  type ExpectedRouter,
  type FilterInstruction,
  vrrpFilter,
} from "../../src/wire/socket_filter.ts";

/** What the kernel would do: how many octets the program lets through of a packet. */
function run(program: readonly FilterInstruction[], packet: Uint8Array): number {
  let a = 0;
  let x = 0;
  for (let pc = 0;;) {
    const { code, ifTrue, ifFalse, operand } = program[pc]!;
    pc++;
    if (code === 0xb1) x = (packet[operand]! & 15) * 4;
    else if (code === 0x01) x = operand;
    else if (code === 0x80) a = packet.length;
    else if (code === 0x1c) a = (a - x) >>> 0;
    else if (code === 0x35) pc += a >= operand ? ifTrue : ifFalse;
    else if (code === 0x15) pc += a === operand ? ifTrue : ifFalse;
    else if (code === 0x48) a = (packet[x + operand]! << 8) | packet[x + operand + 1]!;
    else if (code === 0x06) return operand;
    else throw new Error(`unknown instruction ${code}`);
  }
}

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
    { name: "one octet", message: [0x21], expected: false },
    { name: "nothing", message: [], expected: false },
  ];
  for (const family of ["ipv4", "ipv6"] as const) {
    for (const { name, message, expected } of rows) {
      await t.step(`${family}: ${name}`, () => {
        const octets = packet(family, ...message);
        const passes = (pass: "expected" | "others") =>
          run(vrrpFilter(family, ROUTERS, pass), octets) > 0;
        assert.deepEqual([passes("expected"), passes("others")], [expected, !expected]);
      });
    }
  }
});

Deno.test("all 255 VRIDs of both versions fit into what the kernel takes (BPF_MAXINSNS)", () => {
  const all = [2, 3].flatMap((version) =>
    Array.from({ length: 255 }, (_, index) => ({ version: version as 2 | 3, vrid: index + 1 }))
  );
  const program = vrrpFilter("ipv4", all, "expected");
  assert.ok(program.length <= 4096, `${program.length} instructions`);
  assert.ok(run(program, packet("ipv4", 0x31, 255, 100, 1)) > 0);
  assert.equal(run(program, packet("ipv4", 0x41, 255, 100, 1)), 0);
});

Deno.test("an instruction is a struct sock_filter", () => {
  const octets = encodeFilter([{ code: 0x15, ifTrue: 1, ifFalse: 2, operand: 0x21370000 }]);
  assert.equal(octets.toHex(), "1500010200003721");
});
