import assert from "node:assert/strict";
import { internetChecksum } from "../../src/wire/checksum.ts";
import {
  answersEcho,
  echoReplyFilter,
  encodeEchoRequest,
  ICMP_PROTOCOL,
} from "../../src/wire/icmp.ts";
import { passes } from "./bpf_machine.ts";

const ECHO = { identifier: 0x1234, sequence: 0xfffe, data: Uint8Array.of(1, 2, 3, 4) };

Deno.test("an echo request is as RFC 792 and RFC 4443 say, the checksum of ICMPv6 left to the kernel", () => {
  const ipv4 = encodeEchoRequest("ipv4", ECHO);
  assert.deepEqual([...ipv4.subarray(0, 2), ...ipv4.subarray(4)], [
    ...[8, 0, 0x12, 0x34, 0xff, 0xfe],
    ...[1, 2, 3, 4],
  ]);
  assert.equal(internetChecksum(ipv4), 0);
  assert.deepEqual([...encodeEchoRequest("ipv6", ECHO)], [
    ...[128, 0, 0, 0, 0x12, 0x34, 0xff, 0xfe],
    ...[1, 2, 3, 4],
  ]);
});

Deno.test("only a reply that repeats all of a request answers it", () => {
  for (const [family, type] of [["ipv4", 0], ["ipv6", 129]] as const) {
    const reply = encodeEchoRequest(family, ECHO);
    assert.equal(answersEcho(family, reply, ECHO), false, "the request itself");
    reply[0] = type;
    assert.equal(answersEcho(family, reply, ECHO), true);
    for (const at of [0, 1, 4, 5, 6, 7, 8, 11]) {
      const other = reply.slice();
      other[at]! ^= 1;
      assert.equal(answersEcho(family, other, ECHO), false, `octet ${at}`);
    }
    for (const length of [0, 7, 8, 11]) {
      assert.equal(answersEcho(family, reply.subarray(0, length), ECHO), false, `${length} octets`);
    }
    const longer = Uint8Array.of(...reply, 5);
    assert.equal(answersEcho(family, longer, ECHO), false, "more than was sent");
  }
});

Deno.test("the filter passes echo replies with the identifier, whatever the length of the IP header", () => {
  const ipHeader = (octets: number) =>
    Uint8Array.of(0x40 | octets / 4, ...new Uint8Array(octets - 1));
  const families = [
    ["ipv4", 0, [ipHeader(20), ipHeader(24)]],
    ["ipv6", 129, [new Uint8Array()]],
  ] as const;
  for (const [family, type, headers] of families) {
    for (const header of headers) {
      const isPassed = (change: (message: Uint8Array) => void) => {
        const message = encodeEchoRequest(family, ECHO);
        message[0] = type;
        change(message);
        const filter = echoReplyFilter(family, ECHO.identifier);
        return passes(filter, Uint8Array.of(...header, ...message));
      };
      assert.equal(isPassed(() => {}), true, family);
      for (const at of [0, 1, 4, 5]) {
        assert.equal(isPassed((message) => message[at]! ^= 1), false, `${family}, octet ${at}`);
      }
      assert.equal(isPassed((message) => message[7]! ^= 1), true, "the sequence is not looked at");
    }
  }
});

Deno.test("echo requests are of protocol 1, and of next header 58", () => {
  assert.deepEqual(ICMP_PROTOCOL, { ipv4: 1, ipv6: 58 });
});
