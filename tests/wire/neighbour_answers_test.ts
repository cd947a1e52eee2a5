/** What answers a question for a MAC address: the one who was asked, to the one who asked, and nothing else. */

import assert from "node:assert/strict";
import { answersArp, encodeArpProbe } from "../../src/wire/arp.ts";
import {
  answersSolicitation,
  encodeNeighbourAdvertisement,
  encodeNeighbourSolicitation,
} from "../../src/wire/ndp.ts";

const US = Uint8Array.of(2, 0, 0, 0, 0, 0x11);
const THERE = Uint8Array.of(2, 0, 0, 0, 0, 0x99);

/** 192.168.31.1's reply to us. */
function arpReply(): Uint8Array<ArrayBuffer> {
  const frame = encodeArpProbe("192.168.31.1", US);
  frame.set(US, 0);
  frame.set(THERE, 6);
  frame[21] = 2;
  frame.set([...THERE, 192, 168, 31, 1, ...US, 0, 0, 0, 0], 22);
  return frame;
}

/** fe80::1's answer to our solicitation. */
function advertisement(): Uint8Array<ArrayBuffer> {
  const frame = encodeNeighbourAdvertisement("fe80::1", THERE, true);
  frame.set(US, 0);
  // Solicited and Override, RFC 4861 section 4.4.
  frame[14 + 40 + 4] = 0x60;
  return frame;
}

Deno.test("only a reply of the host that was asked, to us alone, answers an ARP question", () => {
  assert.equal(answersArp(arpReply(), "192.168.31.1", US), true);
  assert.equal(answersArp(arpReply(), "192.168.31.2", US), false);
  assert.equal(answersArp(arpReply(), "192.168.31.1", THERE), false);
  // Destination, EtherType, operation, sender address, target MAC address.
  for (const at of [0, 5, 12, 21, 31, 32, 37]) {
    const frame = arpReply();
    frame[at]! ^= 1;
    assert.equal(answersArp(frame, "192.168.31.1", US), false, `octet ${at}`);
  }
  assert.equal(answersArp(arpReply().subarray(0, 41), "192.168.31.1", US), false);
});

Deno.test("only a solicited advertisement of the host that was asked, to us alone, answers a solicitation", () => {
  assert.equal(answersSolicitation(advertisement(), "fe80::1", US), true);
  assert.equal(answersSolicitation(advertisement(), "fe80::2", US), false);
  const unsolicited = advertisement();
  // All flags but Solicited, the reserved ones too.
  unsolicited[14 + 40 + 4] = 0xbf;
  assert.equal(answersSolicitation(unsolicited, "fe80::1", US), false);
  const toAll = encodeNeighbourAdvertisement("fe80::1", THERE, true);
  toAll[14 + 40 + 4] = 0x60;
  assert.equal(answersSolicitation(toAll, "fe80::1", US), false);
  const question = encodeNeighbourSolicitation("fe80::1", "fe80::11", US);
  assert.equal(answersSolicitation(question, "fe80::1", US), false);
});
