import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { decodeIpv4Setting } from "../../../src/wire/netlink/link_settings.ts";
import {
  decodeAcknowledgement,
  decodeAttributes,
  decodeMessages,
  decodeText,
  encodeAttribute,
  encodeMessage,
  encodeMessages,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_DONE,
  NLMSG_ERROR,
  RTM_DELADDR,
  RTM_NEWADDR,
} from "../../../src/wire/netlink/netlink.ts";
import { decodeAddress, decodeLink } from "../../../src/wire/netlink/rtnetlink.ts";
import { randomOctets, seededRandom } from "../random.ts";

Deno.test("a message has the octets of struct nlmsghdr", () => {
  strictEqual(
    encodeMessage(RTM_NEWADDR, 0x505, 7, Uint8Array.of(1, 2), Uint8Array.of(3)).toHex(),
    "13000000" + "1400" + "0505" + "07000000" + "00000000" + "010203",
  );
});

Deno.test("attributes are padded to four octets, and their length does not count that", () => {
  strictEqual(encodeAttribute(3, Uint8Array.of(0x65, 0)).toHex(), "06000300" + "65000000");
});

Deno.test("many messages of one type follow one another, padded, and count on from the first", () => {
  const payloads = [Uint8Array.of(1, 2), Uint8Array.of(3, 4, 5, 6)];
  strictEqual(
    encodeMessages(RTM_NEWADDR, 0x505, 0xffffffff, payloads).toHex(),
    "12000000" + "1400" + "0505" + "ffffffff" + "00000000" + "0102" + "0000" +
      "14000000" + "1400" + "0505" + "00000000" + "00000000" + "03040506",
  );
});

Deno.test("several messages in one datagram are distinguished", () => {
  const first = encodeMessage(RTM_NEWADDR, 0, 1, Uint8Array.of(9, 9, 9, 9));
  const second = encodeMessage(RTM_DELADDR, 2, 3);
  const messages = [...decodeMessages(join(first, second))];
  deepStrictEqual(
    messages.map(({ type, flags, sequence, payload }) => [
      type,
      flags,
      sequence,
      payload.length,
    ]),
    [[RTM_NEWADDR, 0, 1, 4], [RTM_DELADDR, 2, 3, 0]],
  );
});

Deno.test("a message whose length lies ends the datagram", () => {
  const good = encodeMessage(RTM_NEWADDR, 0, 1);
  for (const length of [0, 15, 17, 0xffffffff]) {
    const lying = encodeMessage(RTM_DELADDR, 0, 2);
    new DataView(lying.buffer).setUint32(0, length, true);
    const types = [...decodeMessages(join(good, lying))].map(({ type }) => type);
    deepStrictEqual(types, [RTM_NEWADDR], `length ${length}`);
  }
});

Deno.test("an attribute whose length lies ends the attributes; flags in the type are ignored", () => {
  const nested = encodeAttribute(5 | 0x8000, Uint8Array.of(1, 2, 3, 4));
  for (const length of [0, 3, 9]) {
    const attributes = decodeAttributes(
      join(nested, Uint8Array.of(length, 0, 6, 0, 1, 2, 3, 4)),
    );
    deepStrictEqual([...attributes.keys()], [5], `length ${length}`);
  }
});

Deno.test("the kernel's answers", async (t) => {
  const errno = (value: number) => new Uint8Array(Int32Array.of(value).buffer);
  const request = encodeMessage(RTM_NEWADDR, 5, 7, new Uint8Array(24));
  const text = encodeAttribute(1, new TextEncoder().encode("No such thing\0"));
  const cases = [
    {
      name: "success",
      type: NLMSG_ERROR,
      flags: NLM_F_CAPPED,
      payload: join(errno(0), request.subarray(0, 16)),
      want: { errno: 0 },
    },
    {
      name: "a refusal",
      type: NLMSG_ERROR,
      flags: 0,
      payload: join(errno(-17), request),
      want: { errno: 17 },
    },
    {
      name: "a refusal in words",
      type: NLMSG_ERROR,
      flags: NLM_F_CAPPED | NLM_F_ACK_TLVS,
      payload: join(errno(-22), request.subarray(0, 16), text),
      want: { errno: 22, text: "No such thing" },
    },
    {
      name: "words behind the whole request",
      type: NLMSG_ERROR,
      flags: NLM_F_ACK_TLVS,
      payload: join(errno(-22), request, text),
      want: { errno: 22, text: "No such thing" },
    },
    {
      name: "the end of a dump",
      type: NLMSG_DONE,
      flags: 0,
      payload: errno(0),
      want: { errno: 0 },
    },
    {
      name: "the end of a failed dump, in words",
      type: NLMSG_DONE,
      flags: NLM_F_ACK_TLVS,
      payload: join(errno(-95), text),
      want: { errno: 95, text: "No such thing" },
    },
    {
      name: "an end without a number",
      type: NLMSG_DONE,
      flags: 0,
      payload: new Uint8Array(),
      want: { errno: 0 },
    },
    { name: "something else", type: RTM_NEWADDR, flags: 0, payload: errno(-1), want: null },
  ];
  for (const { name, type, flags, payload, want } of cases) {
    await t.step(name, () => {
      const [message] = decodeMessages(encodeMessage(type, flags, 7, payload));
      deepStrictEqual(decodeAcknowledgement(message!), want);
    });
  }
});

Deno.test("10,000 datagrams of garbage decode without an exception", () => {
  const random = seededRandom(0x76697064);
  let messages = 0;
  for (let round = 0; round < 10_000; round++) {
    const octets = randomOctets(random, 200);
    // A length and a type that are believed, so that the garbage reaches the inner decoders too.
    if (octets.length >= 16 && round % 4 !== 0) {
      new DataView(octets.buffer).setUint32(0, octets.length, true);
      octets.set([[2, 3, 16, 17, 20, 21][round % 6]!, 0], 4);
      if (round % 3 === 0 && octets.length > 16) octets[16] = [0, 2, 10][round % 5] ?? 2;
    }
    for (const message of decodeMessages(octets)) {
      messages++;
      decodeAcknowledgement(message);
      decodeLink(message.payload);
      decodeAddress(message.payload);
      decodeIpv4Setting(message.payload, "promote_secondaries");
    }
  }
  strictEqual(messages > 5000, true, `only ${messages} messages reached the decoders`);
});

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

Deno.test("sequence numbers count beyond 31 bits, and a message names its receiver", () => {
  const [, second] = decodeMessages(
    encodeMessages(RTM_NEWADDR, 0, 0x7fffffff, [Uint8Array.of(), Uint8Array.of()]),
  );
  strictEqual(second!.sequence, 0x80000000);
  const octets = encodeMessage(RTM_NEWADDR, 0, 1);
  octets.set([1, 2, 3, 4], 12);
  strictEqual([...decodeMessages(octets)][0]!.portId, 0x04030201);
});

Deno.test("an attribute may be empty, and the last one of its octets", () => {
  const octets = Uint8Array.of(4, 0, 7, 0, 5, 0, 8, 0, 9, 0, 0, 0, 4, 0, 9, 0);
  deepStrictEqual(
    decodeAttributes(octets),
    new Map([[7, Uint8Array.of()], [8, Uint8Array.of(9)], [9, Uint8Array.of()]]),
  );
});

Deno.test("an answer has four octets at least, and an explanation only if its flags say so", () => {
  const error = (flags: number, ...payload: number[]) =>
    decodeAcknowledgement({
      ...{ type: NLMSG_ERROR, flags, sequence: 1, portId: 0, payload: Uint8Array.from(payload) },
    });
  const number = [0xff, 0xff, 0xff, 0xff];
  deepStrictEqual(error(0, ...number.slice(1)), { errno: 0 });
  deepStrictEqual(error(0, ...number), { errno: 1 });
  // The echo of a header alone, then NLMSGERR_ATTR_MSG.
  const echoed = [16, ...new Array<number>(15).fill(0)];
  const explained = [...number, ...echoed, ...encodeAttribute(1, Uint8Array.of(0x6e, 0x6f, 0))];
  deepStrictEqual(error(NLM_F_ACK_TLVS, ...explained), { errno: 1, text: "no" });
  deepStrictEqual(error(0, ...explained), { errno: 1 });
  deepStrictEqual(error(NLM_F_CAPPED, ...explained), { errno: 1 });
  // Four octets of an echo say how long it is.
  const lying = [...number, 0, 0, 0, 0, ...encodeAttribute(1, Uint8Array.of(0x61, 0))];
  deepStrictEqual(error(NLM_F_ACK_TLVS, ...number, 0, 0, 0, 0), { errno: 1 });
  deepStrictEqual(error(NLM_F_ACK_TLVS, ...lying)?.errno, 1);
});

Deno.test("a text ends at its first zero, even if that is its first octet", () => {
  strictEqual(decodeText(Uint8Array.of(0x61, 0x62)), "ab");
  strictEqual(decodeText(Uint8Array.of(0x61, 0, 0x62)), "a");
  strictEqual(decodeText(Uint8Array.of(0, 0x62)), "");
  strictEqual(decodeText(Uint8Array.of()), "");
});
