import { familyOf } from "../../../src/wire/address.ts";
import { decodeArpSender, encodeArpProbe, encodeGratuitousArp } from "../../../src/wire/arp.ts";
import {
  decodeNeighbourAdvertisement,
  encodeNeighbourAdvertisement,
  encodeNeighbourSolicitation,
} from "../../../src/wire/ndp.ts";
import { mutateOctets } from "../mutate_octets.ts";
import { fuzzTarget, must } from "../target.ts";

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const CORPUS = [
  encodeGratuitousArp("192.168.31.5", MAC),
  encodeArpProbe("192.168.31.5", MAC),
  encodeNeighbourAdvertisement("2001:db8::5", MAC, true),
  encodeNeighbourSolicitation("2001:db8::5", "fe80::1", MAC),
];

export const CLAIMS = fuzzTarget<Uint8Array<ArrayBuffer>>({
  name: "claims",
  title: "ARP and neighbour advertisements: who says to have an address, or none",
  reaches: ["ARP", "neighbour advertisement", "none"],
  make: (random) => mutateOctets(CORPUS, random),
  check(frame) {
    const arp = decodeArpSender(frame);
    must(arp === null || familyOf(arp.address) === "ipv4", "ARP is for IPv4");
    const neighbour = decodeNeighbourAdvertisement(frame);
    must(neighbour === null || familyOf(neighbour.address) === "ipv6", "NDP is for IPv6");
    must(arp === null || neighbour === null, "a frame is one of them");
    const claim = arp ?? neighbour;
    must(claim === null || claim.mac.length === 6, "a MAC address has six octets");
    if (arp !== null) return "ARP";
    return neighbour === null ? "none" : "neighbour advertisement";
  },
  show: (frame) => frame.toHex(),
});
