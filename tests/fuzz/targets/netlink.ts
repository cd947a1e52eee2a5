import { familyOf, type IpAddress } from "../../../src/wire/address.ts";
import {
  decodeIpv4Setting,
  decodeIpv6Forwarding,
} from "../../../src/wire/netlink/link_settings.ts";
import {
  decodeAcknowledgement,
  decodeMessages,
  encodeAttribute,
  encodeMessage,
  type NetlinkMessage,
  NLMSG_DONE,
  NLMSG_ERROR,
} from "../../../src/wire/netlink/netlink.ts";
import {
  decodeRoute,
  decodeRule,
  encodeRoute,
  encodeRule,
} from "../../../src/wire/netlink/routing.ts";
import { decodeAddress, decodeLink, encodeAddress } from "../../../src/wire/netlink/rtnetlink.ts";
import { concatenate } from "../../../src/wire/octets.ts";
import { mutateOctets } from "../mutate_octets.ts";
import { fuzzTarget, must } from "../target.ts";

/** Types of rtnetlink(7). */
const RTM_NEWLINK = 16;
const RTM_NEWADDR = 20;
const RTM_NEWROUTE = 24;
const RTM_NEWRULE = 32;
/** NLM_F_ACK_TLVS: attributes follow the acknowledgement. */
const ACK_TLVS = 0x200;

const text = (value: string) => new TextEncoder().encode(`${value}\0`);
const numbers = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);

/** struct ifinfomsg and the attributes that vipd reads (if_link.h). */
const LINK = concatenate([
  numbers(0, 2, 0x11043, 0),
  encodeAttribute(3, text("eth1")),
  encodeAttribute(1, Uint8Array.of(2, 0, 0, 0, 0, 1)),
  encodeAttribute(20, text("vipd")),
  encodeAttribute(
    26,
    concatenate([
      encodeAttribute(2, encodeAttribute(1, numbers(...Array(33).fill(1)))),
      encodeAttribute(10, encodeAttribute(2, numbers(...Array(50).fill(1)))),
    ]),
  ),
]);
const ADDRESS = encodeAddress({
  index: 2,
  address: "192.168.31.5",
  prefixLength: 24,
  label: "eth1:1",
  protocol: 112,
});
const ADDRESS6 = encodeAddress({ index: 2, address: "2001:db8::5", prefixLength: 64 });
const ROUTE = encodeRoute({
  family: "ipv4",
  to: { address: "10.1.0.0", prefixLength: 16 },
  gateway: "192.168.31.1",
  outIndex: 2,
  source: "192.168.31.5",
  metric: 10,
  table: 254,
  scope: 0,
  protocol: 112,
});
const RULE = encodeRule({
  family: "ipv6",
  from: { address: "2001:db8::", prefixLength: 64 },
  fwmark: 7,
  iif: "eth1",
  table: 100,
  priority: 1000,
  protocol: 112,
});

const CORPUS = [
  encodeMessage(RTM_NEWLINK, 0, 1, LINK),
  encodeMessage(RTM_NEWADDR, 0, 2, ADDRESS),
  encodeMessage(RTM_NEWADDR, 0, 3, ADDRESS6),
  encodeMessage(RTM_NEWROUTE, 0, 4, ROUTE),
  encodeMessage(RTM_NEWRULE, 0, 5, RULE),
  encodeMessage(NLMSG_ERROR, 0, 6, numbers(-17), numbers(36, 20, 6, 0)),
  encodeMessage(
    NLMSG_ERROR,
    ACK_TLVS,
    7,
    numbers(-22, 36, 20, 7, 0),
    encodeAttribute(1, text("Invalid prefix length")),
  ),
  encodeMessage(NLMSG_DONE, 2, 8, numbers(0)),
  concatenate([
    encodeMessage(RTM_NEWADDR, 2, 9, ADDRESS),
    encodeMessage(RTM_NEWADDR, 2, 9, ADDRESS6),
  ]),
];

function checkMessage(message: NetlinkMessage): string {
  const { type, payload } = message;
  decodeIpv4Setting(payload, "arp_ignore");
  decodeIpv6Forwarding(payload);
  const acknowledgement = decodeAcknowledgement(message);
  must(acknowledgement === null || Number.isInteger(acknowledgement.errno), "errno is a number");
  const link = decodeLink(payload);
  must(link === null || link.name.indexOf("\0") < 0, "a name ends at its zero");
  const address = decodeAddress(payload);
  must(
    address === null || familyOf(address.address) === (payload[0] === 2 ? "ipv4" : "ipv6"),
    "an address is of the message's family",
  );
  const route = decodeRoute(payload);
  if (route !== null) {
    ofFamily(route.family, [route.to?.address, route.gateway, route.source]);
    encodeRoute(route);
  }
  const rule = decodeRule(payload);
  if (rule !== null) {
    ofFamily(rule.family, [rule.from?.address, rule.to?.address]);
    encodeRule(rule);
  }
  switch (type) {
    case RTM_NEWLINK:
      return link ? "link" : "other";
    case RTM_NEWADDR:
      return address ? "address" : "other";
    case RTM_NEWROUTE:
      return route ? "route" : "other";
    case RTM_NEWRULE:
      return rule ? "rule" : "other";
    default:
      return acknowledgement ? acknowledgement.text ? "error with text" : "error" : "other";
  }
}

function ofFamily(family: string, addresses: readonly (IpAddress | undefined)[]): void {
  const wrong = addresses.find((it) => it !== undefined && familyOf(it) !== family);
  must(wrong === undefined, `${wrong} is not ${family}`);
}

export const NETLINK = fuzzTarget<Uint8Array<ArrayBuffer>>({
  name: "netlink",
  title: "rtnetlink datagrams: what is decoded lies within them, and encodes",
  reaches: ["link", "address", "route", "rule", "error", "error with text", "other", "nothing"],
  make(random) {
    const octets = mutateOctets(CORPUS, random);
    // A length that fits what the message has become, so that its attributes are reached.
    if (octets.length >= 16 && random() < 0.5) {
      new DataView(octets.buffer, octets.byteOffset).setUint32(0, octets.length, true);
    }
    return octets;
  },
  check(octets) {
    let outcome = "nothing";
    let total = 0;
    for (const message of decodeMessages(octets)) {
      total += 16 + message.payload.length;
      outcome = checkMessage(message);
    }
    must(total <= octets.length, "messages do not overlap");
    return outcome;
  },
  show: (octets) => octets.toHex(),
});
