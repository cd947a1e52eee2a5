import assert from "node:assert/strict";
import { encodeMessage } from "../../src/wire/netlink.ts";
import { exceptOwn } from "../../src/wire/notification_filter.ts";
import { passes } from "./bpf_machine.ts";

/** A message of a port, with the sequence number of the request that brought it about. */
function notification(sequence: number, portId: number): Uint8Array {
  const message = encodeMessage(20, 0, sequence, new Uint8Array(8));
  new DataView(message.buffer).setUint32(12, portId, true);
  return message;
}

Deno.test("only what a socket brought about with that sequence number is kept away", () => {
  for (const portId of [4711, 0xfffff001]) {
    const program = exceptOwn(portId, 0);
    assert.equal(passes(program, notification(0, portId)), false);
    assert.equal(
      passes(program, notification(1, portId)),
      true,
      "another request of the same socket",
    );
    assert.equal(passes(program, notification(0, 0)), true, "the kernel itself");
    assert.equal(passes(program, notification(0, portId + 1)), true, "another program");
  }
});
