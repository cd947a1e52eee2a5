import assert from "node:assert/strict";
import { encodeFilter, end, endIfOneOf, loadWord } from "../../../src/wire/filters/bpf.ts";
import { passes } from "../bpf_machine.ts";

Deno.test("an instruction is a struct sock_filter", () => {
  const octets = encodeFilter([{ code: 0x15, ifTrue: 1, ifFalse: 2, operand: 0x21370000 }]);
  assert.equal(octets.toHex(), "1500010200003721");
});

Deno.test("a packet passes with all octets that the kernel can count, or with none", () => {
  assert.equal(encodeFilter([end(true)]).toHex(), "06000000ffffffff");
  assert.equal(encodeFilter([end(false)]).toHex(), "0600000000000000");
});

Deno.test("one of more values than a jump reaches is found", () => {
  const program = [
    loadWord(0),
    ...endIfOneOf(Array.from({ length: 300 }, (_, i) => i), true),
    end(false),
  ];
  for (const [value, found] of [[0, true], [299, true], [300, false]] as const) {
    assert.equal(passes(program, Uint8Array.of(0, 0, value >> 8, value & 255)), found, `${value}`);
  }
});
