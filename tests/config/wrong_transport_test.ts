/** What can be wrong with the way adverts travel: family, source address, unicast peers. */

import assert from "node:assert/strict";
import { parseValid, testWrong, withInstance } from "./support.ts";

const ipv6 = (...lines: string[]) =>
  withInstance("version: 3", 'addresses: ["fe80::5/64", "2001:db8::5/64"]', ...lines);

testWrong([
  [
    "version 2",
    withInstance("version: »2", 'addresses: ["fe80::5/64"]'),
    "ipv6_version",
    /`version: 3`/,
  ],
  [
    "a label",
    withInstance("version: 3", 'addresses: [{ address: "fe80::5/64", label: »"eth1:1" }]'),
    "invalid_label",
    /no label/,
  ],
  [
    "IPv4 after IPv6",
    withInstance("version: 3", 'addresses: ["fe80::5/64", »10.0.0.5/24]'),
    "mixed_families",
    /10\.0\.0\.5 is of another family than fe80::5/,
  ],
]);

testWrong([
  [
    "a global address first",
    withInstance("version: 3", 'addresses: [»"2001:db8::5/64", "fe80::5/64"]'),
    "ipv6_first_address",
    /2001:db8::5 is not link-local.*RFC 9568 discard.*such as fe80::5/,
  ],
], "warning");

testWrong([
  ["no address", withInstance("source_address: »lb01"), "invalid_address", /not an IP address/],
  [
    "with a prefix length",
    withInstance("source_address: »192.168.31.11/24"),
    "invalid_address",
    /write 192\.168\.31\.11$/,
  ],
  ["multicast", withInstance("source_address: »224.0.0.18"), "address_not_usable", /multicast/],
  ["of IPv6", withInstance('source_address: »"fe80::1"'), "wrong_family", /write an IPv4 address/],
  ["of IPv4", ipv6("source_address: »10.0.0.1"), "wrong_family", /write an IPv6 address/],
  [
    "that moves",
    withInstance("source_address: »192.168.31.5"),
    "source_is_virtual",
    /this node always has/,
  ],
  ["global", ipv6('source_address: »"2001:db8::11"'), "source_not_link_local", /fe80::/],
]);

testWrong([
  [
    "a group that is none",
    withInstance("multicast_group: »10.0.0.5"),
    "invalid_multicast_group",
    /224\.0\.0\.81/,
  ],
  ["no address", withInstance("multicast_group: »eth1"), "invalid_multicast_group", /ff00::\/8/],
  [
    "of IPv6",
    withInstance('multicast_group: »"ff02::81"'),
    "wrong_family",
    /write an IPv4 address/,
  ],
  ["of IPv4", ipv6("multicast_group: »224.0.0.81"), "wrong_family", /write an IPv6 address/],
  [
    "beside unicast",
    withInstance("multicast_group: »224.0.0.81", "unicast: { peers: [192.168.31.12] }"),
    "invalid_multicast_group",
    /remove one of the two/,
  ],
]);

Deno.test("adverts go to the group that the file names, or to that of their family", () => {
  const [usual] = parseValid(ipv6("")).config.instances;
  assert.equal(usual!.multicastGroup, "ff02::12");
  const [ipv4] = parseValid(withInstance("multicast_group: 224.0.0.81")).config.instances;
  assert.equal(ipv4!.multicastGroup, "224.0.0.81");
  const [other] = parseValid(ipv6('multicast_group: "FF02::0081"')).config.instances;
  assert.equal(other!.multicastGroup, "ff02::81");
});

const unicast = (value: string) => withInstance(`unicast: ${value}`);

testWrong([
  ["no peers", unicast("»{ ttl: 255 }"), "missing_key", /peers/],
  ["an empty list", unicast("{ peers: »[] }"), "out_of_range", /at least one/],
  ["a name", unicast("{ peers: [»lb02] }"), "invalid_address", /not an IP address/],
  ["a network", unicast("{ peers: [»192.168.31.0/24] }"), "address_not_usable", /network's own/],
  ["of IPv6", unicast('{ peers: [»"fe80::2"] }'), "wrong_family", /write an IPv4 address/],
  ["a virtual address", unicast("{ peers: [»192.168.31.5] }"), "invalid_peer", /virtual/],
  [
    "twice",
    unicast("{ peers: [10.0.0.2, »10.0.0.2] }"),
    "duplicate_peer",
    /peers\[0\] is the same/,
  ],
  [
    "this node itself",
    withInstance("source_address: 10.0.0.1", "unicast: { peers: [»10.0.0.1] }"),
    "invalid_peer",
    /this node's own/,
  ],
  ["TTL 0", unicast("{ peers: [10.0.0.2], ttl: »0 }"), "out_of_range", /1 and 255/],
  ["TTL 256", unicast("{ peers: [10.0.0.2], min_ttl: »256 }"), "out_of_range", /1 and 255/],
]);

Deno.test("peers are asked with TTL 255, and may answer with any, where nothing else is said", () => {
  const { config } = parseValid(unicast("{ peers: [10.0.0.2] }"));
  assert.deepEqual(config.instances[0]!.unicast, { peers: ["10.0.0.2"], ttl: 255, minTtl: 1 });
});

Deno.test("peers and source are addresses in canonical text", () => {
  const { config } = parseValid(ipv6(
    'source_address: "2001:DB8::0011"',
    'unicast: { peers: ["2001:DB8:0::12"], min_ttl: 254 }',
  ));
  const [instance] = config.instances;
  assert.equal(instance!.family, "ipv6");
  assert.equal(instance!.sourceAddress, "2001:db8::11");
  assert.deepEqual(instance!.unicast, { peers: ["2001:db8::12"], ttl: 255, minTtl: 254 });
});

Deno.test("an instance without these keys is multicast from the interface's own address", () => {
  const [instance] = parseValid(withInstance()).config.instances;
  assert.equal(instance!.unicast, undefined);
  assert.equal(instance!.sourceAddress, undefined);
});
