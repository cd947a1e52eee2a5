import { checkAdvertisement } from "../../../src/vrrp/receive.ts";
import { type Family, familyOf } from "../../../src/wire/address.ts";
import { isCarp } from "../../../src/wire/carp.ts";
import { internetChecksum, pseudoHeaderSum } from "../../../src/wire/checksum.ts";
import { encodeIpv4Datagram, parseIpv4Datagram } from "../../../src/wire/ipv4.ts";
import {
  type ChecksumForm,
  decodeAdvertisement,
  encodeAdvertisement,
  type Envelope,
  passwordOctets,
  peekVrid,
  VRRP_PROTOCOL,
} from "../../../src/wire/vrrp.ts";
import {
  decodeTrailer,
  signAdvertisement,
  TRAILER_OCTETS,
} from "../../../src/wire/vrrp_trailer.ts";
import { mutateOctets } from "../mutate_octets.ts";
import { below, fuzzTarget, must } from "../target.ts";

const ENVELOPES: Readonly<Record<Family, Envelope>> = {
  ipv4: { source: "192.0.2.11", destination: "224.0.0.18" },
  ipv6: { source: "fe80::11", destination: "ff02::12" },
};
const PASSWORD = { type: 1, data: passwordOctets("123456") };
const HEAD = { vrid: 55, priority: 150, intervalCs: 100 };

const CORPUS: Readonly<Record<Family, readonly Uint8Array<ArrayBuffer>[]>> = {
  ipv4: [
    encoded("ipv4", 2, ["192.0.2.5"], "message"),
    encoded("ipv4", 2, ["192.0.2.5", "192.0.2.6", "10.0.0.1"], "message"),
    encoded("ipv4", 3, ["192.0.2.5"], "pseudo_header"),
    encoded("ipv4", 3, ["192.0.2.5", "192.0.2.6"], "message"),
    encoded("ipv4", 3, Array.from({ length: 60 }, (_, at) => `10.0.0.${at}`), "message"),
    Uint8Array.from([0x21, 55, 0, 7, 0, 1, ...Array(30).fill(0x5a)]),
  ],
  ipv6: [
    encoded("ipv6", 3, ["fe80::5"], "pseudo_header"),
    encoded("ipv6", 3, ["fe80::5", "2001:db8::5"], "pseudo_header"),
  ],
};

const KEY = { id: 1, key: new Uint8Array(32).fill(7) };
const SEQUENCE = 0x69a4_0000_8000_0001n;

/** The same with a trailer (draft-cassen-vrrp-auth-hmac). */
const SIGNED: typeof CORPUS = {
  ipv4: CORPUS.ipv4.map((it) => signAdvertisement(it, ENVELOPES.ipv4, KEY, SEQUENCE)),
  ipv6: CORPUS.ipv6.map((it) => signAdvertisement(it, ENVELOPES.ipv6, KEY, SEQUENCE)),
};

/** An advert inside the datagram that carries it. */
interface Input {
  readonly family: Family;
  /** Whether its receiver looks for a trailer. */
  readonly signed: boolean;
  readonly payload: Uint8Array<ArrayBuffer>;
}

function encoded(family: Family, version: 2 | 3, addresses: string[], form: ChecksumForm) {
  const advertisement = version === 2
    ? { version, ...HEAD, addresses, authentication: PASSWORD }
    : { version, ...HEAD, addresses };
  return encodeAdvertisement(advertisement, ENVELOPES[family], form);
}

/** Makes the checksum fit what the message has become, so that it gets past it. */
function repair({ family, signed, payload }: Input, withPseudoHeader: boolean): void {
  if (payload.length < 8) return;
  payload.fill(0, 6, 8);
  const { source, destination } = ENVELOPES[family];
  // Over IPv4 the trailer is not summed.
  const summed = signed && family === "ipv4" ? payload.subarray(0, -TRAILER_OCTETS) : payload;
  const initial = withPseudoHeader
    ? pseudoHeaderSum(source, destination, VRRP_PROTOCOL, summed.length)
    : 0;
  new DataView(payload.buffer, payload.byteOffset).setUint16(6, internetChecksum(summed, initial));
}

function check({ family, signed, payload }: Input): string {
  const envelope = ENVELOPES[family];
  isCarp(payload);
  const vrid = peekVrid(payload);
  must(vrid === null || vrid === payload[1], "the VRID is the second octet");
  const decoded = decodeAdvertisement(payload, envelope, signed ? TRAILER_OCTETS : 0);
  if (!decoded.ok) return decoded.error;
  const { advertisement, checksumForm, trailer } = decoded;
  must(signed || trailer === undefined, "a trailer is found where one is looked for");
  if (trailer !== undefined) {
    must(trailer.length === TRAILER_OCTETS, "a trailer is whole");
    const { keyId, digest } = decodeTrailer(trailer);
    must(keyId === trailer[1] && digest.length === 16, "a trailer has a key and a digest");
  }
  const message = payload.subarray(0, payload.length - (trailer?.length ?? 0));
  must(
    advertisement.addresses.every((it) => familyOf(it) === family),
    "every address is of the datagram's family",
  );
  // Version 3's Reserve nibble is ignored on reception: as 0 it is another message with another checksum.
  if (advertisement.version === 2 || (payload[4]! & 0xf0) === 0) {
    const again = encodeAdvertisement(advertisement, envelope, checksumForm);
    must(sameButChecksum(again, message), "what is decoded encodes to the same octets");
  }
  const verdict = checkAdvertisement(advertisement, {
    version: advertisement.version,
    priority: 255,
    advertIntervalCs: 100,
    authentication: PASSWORD,
    addresses: ["192.0.2.5"],
  });
  if (!verdict.accept) return verdict.reason;
  return trailer === undefined ? "accepted" : "accepted with a trailer";
}

/** 0 and 0xffff are the same sum in one's complement (RFC 1071), so a checksum may be written in two ways. */
function sameButChecksum(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => at === 6 || at === 7 || octet === b[at]);
}

export const ADVERT = fuzzTarget<Input>({
  name: "advert",
  title:
    "VRRP messages: decoded or refused with a reason; what is decoded encodes to the same octets",
  reaches: [
    "accepted",
    "accepted with a trailer",
    "packet_length",
    "version",
    "invalid_type",
    "checksum",
    "interval_zero",
    "interval_mismatch",
    "address_count_zero",
    "authentication_type",
    "authentication_failed",
    "address_list",
  ],
  make(random) {
    const family = random() < 0.75 ? "ipv4" : "ipv6";
    const signed = random() < 0.3;
    const payload = mutateOctets((signed ? SIGNED : CORPUS)[family], random);
    const input = { family, signed, payload } as const;
    if (random() < 0.6) repair(input, family === "ipv6" || random() < 0.3);
    return input;
  },
  check,
  show: ({ family, signed, payload }) =>
    `${family}${signed ? ", trailer looked for" : ""} ${payload.toHex()}`,
});

const DATAGRAMS = CORPUS.ipv4.map((payload) =>
  encodeIpv4Datagram({
    ...ENVELOPES.ipv4,
    ttl: 255,
    typeOfService: 0xc0,
    protocol: VRRP_PROTOCOL,
  }, payload)
);

export const DATAGRAM = fuzzTarget<Uint8Array<ArrayBuffer>>({
  name: "datagram",
  title: "IPv4 datagrams: parsed within their octets, or none",
  reaches: ["datagram", "none", "options"],
  make: (random) => {
    const octets = mutateOctets(DATAGRAMS, random);
    // Options, so that the payload begins later.
    if (octets.length > 0 && random() < 0.2) octets[0] = 0x40 | below(random, 16);
    return octets;
  },
  check(octets) {
    const datagram = parseIpv4Datagram(octets);
    if (datagram === null) return "none";
    const { payload, source, destination } = datagram;
    must(familyOf(source) === "ipv4" && familyOf(destination) === "ipv4", "addresses are IPv4");
    must(
      payload.byteOffset >= octets.byteOffset + 20 &&
        payload.byteOffset + payload.length <= octets.byteOffset + octets.length,
      "the payload lies within the datagram",
    );
    return octets[0] === 0x45 ? "datagram" : "options";
  },
  show: (octets) => octets.toHex(),
});
