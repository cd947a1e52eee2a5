import assert from "node:assert/strict";
import { encodeMessage } from "../../src/wire/netlink.ts";
import { exceptOwn } from "../../src/wire/notification_filter.ts";

/** What the kernel would do with a message from a port: does the socket get it? */
function passes(program: ReturnType<typeof exceptOwn>, sequence: number, portId: number): boolean {
  const message = encodeMessage(20, 0, sequence, new Uint8Array(8));
  const view = new DataView(message.buffer);
  view.setUint32(12, portId, true);
  let a = 0;
  for (let pc = 0;;) {
    const { code, operand, ifTrue, ifFalse } = program[pc++]!;
    if (code === 0x20) a = view.getUint32(operand);
    else if (code === 0x15) pc += a === operand ? ifTrue : ifFalse;
    else return operand > 0;
  }
}

Deno.test("only what a socket brought about with that sequence number is kept away", () => {
  for (const portId of [4711, 0xfffff001]) {
    const program = exceptOwn(portId, 0);
    assert.equal(passes(program, 0, portId), false);
    assert.equal(passes(program, 1, portId), true, "another request of the same socket");
    assert.equal(passes(program, 0, 0), true, "the kernel itself");
    assert.equal(passes(program, 0, portId + 1), true, "another program");
  }
});
