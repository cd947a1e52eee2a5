/** What can be wrong with an instance. */

import { instance, testWrong, withInstance, withTop } from "./support.ts";

testWrong([
  [
    "no name",
    "instances:\n  - »interface: eth1\n    vrid: 1\n    addresses: [10.0.0.5]\n",
    "missing_key",
    /name: VI_1/,
  ],
  ["a slash in its name", withInstance("name: »a/b"), "invalid_name", /"a\/b"/],
  ["VRID 0", withInstance("vrid: »0"), "out_of_range", /0 is not between 1 and 255/],
  ["VRID 256", withInstance("vrid: »256"), "out_of_range", /256 is not between 1 and 255/],
  ["a VRID in quotes", withInstance('vrid: »"55"'), "wrong_type", /write 55 without quotes/],
  ["a VRID without value", withInstance("»vrid:"), "wrong_type", /vrid: 55/],
  ["priority 0", withInstance("priority: »0"), "out_of_range", /0 is reserved/],
  ["priority 256", withInstance("priority: »256"), "out_of_range", /1 to 254/],
  ["version 4", withInstance("version: »4"), "unknown_choice", /one of 2, 3/],
  ["a boolean of YAML 1.1", withInstance("preempt: »yes"), "wrong_type", /write true, without/],
  ["another one", withInstance("preempt: »Off"), "wrong_type", /write false, without/],
  ["a number as boolean", withInstance("preempt: »1"), "wrong_type", /expected true or false/],
  ["another checksum", withInstance("checksum: »rfc3768"), "unknown_choice", /rfc5798, rfc9568/],
]);

testWrong([
  ["a long name", withInstance("interface: »abcdefghijklmnop"), "invalid_interface", /15 octets/],
  ["no name", withInstance('interface: »""'), "invalid_interface", /empty/],
  ["a slash", withInstance("interface: »eth/1"), "invalid_interface", /`ip link`/],
  ["a blank", withInstance('interface: »"eth 1"'), "invalid_interface", /character/],
  ["a folder", withInstance("interface: ».."), "invalid_interface", /character/],
  ["an alias", withInstance("interface: »eth1:1"), "invalid_interface", /label: "eth1:1"/],
]);

testWrong([
  [
    "half a second in version 2",
    withInstance("advert_interval: »500ms"),
    "invalid_advert_interval",
    /version: 3/,
  ],
  [
    "1.5 seconds in version 2",
    withInstance("advert_interval: »1.5"),
    "invalid_advert_interval",
    /1\.5s is not/,
  ],
  ["256 seconds", withInstance("advert_interval: »256"), "out_of_range", /10ms to 4m15s/],
  ["no interval at all", withInstance("advert_interval: »0"), "out_of_range", /10ms to/],
  [
    "41 seconds in version 3",
    withInstance("version: 3", "advert_interval: »41s"),
    "invalid_advert_interval",
    /cannot say 41s/,
  ],
  [
    "15 ms in version 3",
    withInstance("version: 3", "advert_interval: »15ms"),
    "invalid_advert_interval",
    /steps of 10ms/,
  ],
]);

testWrong([
  ["a word", withInstance("lease: »always"), "invalid_lease", /write auto, off, or whole seconds/],
  ["half seconds", withInstance("lease: »2500ms"), "invalid_lease", /whole seconds, not "2500ms"/],
  ["one second", withInstance("lease: »1s"), "out_of_range", /choose 2s to 1h, auto, or off/],
  ["two hours", withInstance("lease: »2h"), "out_of_range", /2h is not within/],
  [
    "not longer than the adverts' interval",
    withInstance("advert_interval: 5s", "lease: »5s"),
    "lease_short",
    /choose auto \(15s\) or at least 6s/,
  ],
]);

testWrong([
  ["long", withInstance("lease: »30s"), "lease_long", /after 3s and a little, .* stay for 30s/],
], "warning");

const password = (value: string) =>
  withInstance(`authentication: { type: pass, password: »${value} }`);

testWrong([
  ["empty", password('""'), "invalid_password", /type: none/],
  ["nine octets", password("secret123"), "invalid_password", /only 8 octets are sent/],
  ["not ASCII", password("pässword"), "invalid_password", /9 octets long, but only 8/],
  ["a control character", password('"a\\tb"'), "invalid_password", /cannot be printed/],
  ["half a character", password('"\\ud83d"'), "invalid_password", /cannot be printed/],
  ["a number", password("123456"), "wrong_type", /found a number; put it in quotes/],
  ["none", withInstance("authentication: »{ type: pass }"), "missing_key", /password: "\.\.\."/],
  ["no type", withInstance("authentication: »{ password: x }"), "missing_key", /none \| pass/],
  ["type ah", withInstance("authentication: { type: »ah }"), "unknown_choice", /none, pass/],
  ["a text", withInstance("authentication: »pass"), "wrong_type", /expected a mapping/],
  [
    "version 3",
    withInstance("version: 3", "authentication: »{ type: pass, password: x }"),
    "authentication_version",
    /version: 2/,
  ],
]);

const address = (entry: string) => withInstance(`addresses:\n  - ${entry}`);

testWrong([
  ["no list", withInstance("addresses: »192.168.31.5/24"), "wrong_type", /\[192\.168\.31\.5\/24\]/],
  ["a number", address("»5"), "wrong_type", /192\.168\.31\.5\/24/],
  ["octet 256", address("»192.168.31.256/24"), "invalid_address", /not an IP address/],
  ["leading zeros", address("»192.168.031.5/24"), "invalid_address", /write 192\.168\.31\.5/],
  ["a name", address("»lb.example.com"), "invalid_address", /not an IP address/],
  ["prefix 33", address("»192.168.31.5/33"), "invalid_address", /between 1 and 32/],
  ["prefix 0", address("»192.168.31.5/0"), "invalid_address", /between 1 and 32/],
  ["no prefix after the slash", address("»192.168.31.5/"), "invalid_address", /between 1 and 32/],
  [
    "a netmask",
    address("»192.168.31.5/255.255.255.0"),
    "invalid_address",
    /write 192\.168\.31\.5\/24/,
  ],
  ["in a mapping", address("{ address: »nowhere }"), "invalid_address", /"nowhere"/],
  ["a mapping without it", address("»{ device: eth0 }"), "missing_key", /address: 192/],
  ["its device", address('{ address: 10.0.0.5/24, device: »"a b" }'), "invalid_interface", /"a b"/],
]);

testWrong([
  ["loopback", address("»127.0.0.5/8"), "address_not_usable", /loopback/],
  ["multicast", address("»224.0.0.18/32"), "address_not_usable", /multicast/],
  ["everybody", address("»255.255.255.255/32"), "address_not_usable", /broadcast/],
  ["nobody", address("»0.0.0.0/8"), "address_not_usable", /unspecified/],
  ["a network", address("»192.168.31.0/24"), "address_not_usable", /network's own/],
  ["a broadcast address", address("»192.168.31.255/24"), "address_not_usable", /broadcast/],
  ["IPv6 loopback", address('»"::1/128"'), "address_not_usable", /loopback/],
  [
    "two families",
    withInstance('addresses: [10.0.0.5/24, »"2001:db8::5/64"]'),
    "mixed_families",
    /instance of its own.*`advertise: false`/,
  ],
  [
    "twice in one instance",
    withInstance("addresses: [10.0.0.5/24, »10.0.0.5/32]"),
    "duplicate_address",
    /addresses\[0\]/,
  ],
  [
    "in two instances",
    `instances:\n${instance()}${instance("name: B", "vrid: 9", "addresses: [»192.168.31.5]")}`,
    "duplicate_address",
    /instances\[0\]\.addresses\[0\]/,
  ],
  [
    "the same link-local one twice on one interface",
    `instances:\n${instance("version: 3", 'addresses: ["fe80::5/64"]')}${
      instance("name: B", "vrid: 9", "version: 3", 'addresses: [»"fe80::5/64"]')
    }`,
    "duplicate_address",
    /instances\[0\]\.addresses\[0\]/,
  ],
  [
    "the first one",
    withInstance("addresses: [{ address: 10.0.0.5, advertise: »false }, 10.0.0.6]"),
    "first_not_advertised",
    /an address that is advertised first/,
  ],
]);

testWrong([
  ["none", withInstance("addresses: »[]"), "no_addresses", /RFC 9568 discard.*advertised/],
  [
    "none that is advertised",
    withInstance("addresses: »[{ address: 10.0.0.5, advertise: false }]"),
    "no_addresses",
    /name no address/,
  ],
  [
    "more than fit",
    withInstance(
      `addresses: »[${Array.from({ length: 256 }, (_, n) => `10.0.${n >> 7}.${(n & 127) + 1}`)}]`,
    ),
    "too_many_addresses",
    /256 addresses.*holds 255/,
  ],
], "warning");

testWrong([
  [
    "16 octets",
    address("{ address: 10.0.0.5, label: »eth1:abcdefghijk }"),
    "invalid_label",
    /15 octets/,
  ],
  ["a blank", address('{ address: 10.0.0.5, label: »"eth1: 1" }'), "invalid_label", /character/],
]);
testWrong([
  ["of another device", address("{ address: 10.0.0.5, label: »vip }"), "label_prefix", /"eth1:1"/],
  [
    "of the instance's device on another",
    address("{ address: 10.0.0.5, device: eth2, label: »eth1:1 }"),
    "label_prefix",
    /"eth2:1"/,
  ],
  [
    "of a device whose name leaves no room for a number",
    address("{ address: 10.0.0.5, device: enp0s31f6.4000, label: »vip }"),
    "label_prefix",
    /write "enp0s31f6\.4000"/,
  ],
  [
    "of a device whose name only begins alike",
    address("{ address: 10.0.0.5, label: »eth10:1 }"),
    "label_prefix",
    /"eth1:1"/,
  ],
], "warning");

testWrong([
  [
    "the same VRID twice on an interface",
    `instances:\n${instance()}${instance("name: B", "vrid: »55", "addresses: [10.0.0.5]")}`,
    "duplicate_vrid",
    /instances\[0\] uses VRID 55 on eth1/,
  ],
  [
    "the owner does not preempt",
    withInstance("priority: 255", "preempt: »false"),
    "preempt_owner",
    /254/,
  ],
  [
    "the owner does not accept",
    withInstance("priority: 255", "accept: »false"),
    "accept_owner",
    /always accepts.*254 or less, or remove/,
  ],
  [
    "of the owner",
    withInstance("priority: 255", "preempt_delay: »5s"),
    "preempt_delay_unused",
    /priority 255\) takes over at once.*254 or less/,
  ],
  [
    "without preemption",
    withInstance("preempt: false", "preempt_delay: »5s"),
    "preempt_delay_unused",
    /remove `preempt_delay` or/,
  ],
  ["1001 seconds", withInstance("preempt_delay: »1001"), "out_of_range", /16m40s/],
  ["0 adverts", withInstance("down_timer_adverts: »0"), "out_of_range", /between 1 and 100/],
  ["101 adverts", withInstance("down_timer_adverts: »101"), "out_of_range", /between 1 and 100/],
  ["a delay of days", withTop("start_delay: »25h"), "out_of_range", /10ms to 1h/],
]);

const track = (...entries: string[]) =>
  withTop("checks: { web: { type: process, process: nginx } }")
    .replace(/\n$/, `\n    track: [${entries.join(", ")}]\n`);

testWrong([
  ["a mistyped check", track("{ check: »wbe }"), "unknown_check", /did you mean `web`/],
  ["a check that is not there", track("{ check: »database }"), "unknown_check", /defined are: web/],
  ["a check's name alone", withInstance("track: [»nginx]"), "wrong_type", /`\{ check: nginx \}`/],
  ["no checks at all", withInstance("track: [{ check: »web }]"), "unknown_check", /none yet/],
  [
    "twice without weight",
    track("{ check: web }", "»{ check: web }"),
    "duplicate_track",
    /without/,
  ],
  [
    "twice with a weight",
    track("{ check: web, weight: -5 }", "»{ check: web, weight: -6 }"),
    "duplicate_track",
    /with a weight/,
  ],
  [
    "an interface twice",
    track("{ interface: eth0 }", "»{ interface: eth0 }"),
    "duplicate_track",
    /track\[0\]/,
  ],
  ["both", track("»{ check: web, interface: eth0 }"), "invalid_track", /two entries/],
  ["neither", track("»{ weight: 5 }"), "invalid_track", /check: NAME/],
  ["a text", track("»web"), "wrong_type", /expected a mapping/],
  ["weight 0", track("{ check: web, weight: »0 }"), "invalid_weight", /omit the weight/],
  ["weight -254", track("{ check: web, weight: »-254 }"), "out_of_range", /-253 and 253/],
  ["weight 254", track("{ check: web, weight: »254 }"), "out_of_range", /-253 and 253/],
]);
testWrong([
  [
    "the owner's weight",
    withInstance("priority: 255", "track: [{ interface: eth0, weight: »-5 }]"),
    "owner_weight",
    /254 or less/,
  ],
], "warning");

testWrong([
  ["repeat 0", withInstance("announce: { repeat: »0 }"), "out_of_range", /1 and 100/],
  ["too fast a refresh", withInstance("announce: { refresh: »1ms }"), "out_of_range", /0 \(off\)/],
  ["too slow a refresh", withInstance("announce: { refresh: »25h }"), "out_of_range", /1s to 24h/],
  [
    "a delay that is none",
    withInstance("announce: { delay: »soon }"),
    "invalid_duration",
    /"soon"/,
  ],
]);

testWrong([
  ["the loopback interface", withInstance("interface: »lo"), "loopback_interface", /no other node/],
  ["text for a flag", withInstance('track_interface: »"no"'), "wrong_type", /true or false/],
  ["no such name", withTop("interfaces: { »eth1:1: {} }"), "invalid_interface", /an alias/],
  [
    "a delay of minutes",
    withTop("interfaces: { eth1: { up_delay: »5m } }"),
    "out_of_range",
    /255s|4m15s/,
  ],
  ["another key", withTop("interfaces: { eth1: { »delay: 5s } }"), "unknown_key", /up_delay/],
]);

testWrong([
  [
    "the addresses are on it",
    withInstance("track_interface: »false"),
    "untracked_interface",
    /eth1 carries the addresses, too/,
  ],
  ["nobody's", withTop("interfaces: { »eth9: { up_delay: 5s } }"), "unused_interface", /eth9/],
  [
    "longer than a backup waits",
    withTop("interfaces: { eth1: { down_delay: »2s } }"),
    "down_delay_long",
    /choose less than 2s/,
  ],
], "warning");
