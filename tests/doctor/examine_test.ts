import assert from "node:assert/strict";
import { examinationText, unusable } from "../../src/cli/commands/doctor/doctor.ts";
import { readTable } from "../../src/cli/machine/listening_sockets.ts";
import { styleFor } from "../../src/cli/text/terminal/style.ts";
import { parseConfig } from "../../src/config/load.ts";
import { COVERED_CODES } from "../../src/doctor/checklist.ts";
import { examine } from "../../src/doctor/examine.ts";
import type { Facts, InstanceFacts } from "../../src/doctor/facts.ts";
import { type FindingCode, FINDINGS } from "../../src/doctor/finding.ts";
import { kernelSettings } from "../../src/linux/kernel_settings.ts";
import type { MonitoredSender } from "../../src/monitor/findings.ts";
import type { ActualAddress } from "../../src/vip/addresses.ts";

const REFERENCE = new URL("../../docs/doctor.md", import.meta.url);

/** What is found in each case; `UPDATE_GOLDEN=1` writes it. */
const GOLDEN = new URL("findings.txt", import.meta.url);

const loaded = parseConfig(
  "instances: [{ name: VI_1, interface: eth1, vrid: 55, addresses: [192.168.31.5/24] }]\n",
  "vipd.yaml",
  { hostname: "lb01" },
);
assert.ok(loaded.ok);
const [CONFIG] = loaded.config.instances;

const ETH1 = {
  name: "eth1",
  index: 2,
  enabled: true,
  up: true,
  mac: new Uint8Array(6),
  addresses: [{ address: "192.168.31.11", prefixLength: 24 }],
};
const INSTANCE: InstanceFacts = {
  config: CONFIG!,
  state: ETH1,
  multicast: true,
  openProblem: null,
  claims: [],
  heard: null,
  others: [],
  rejected: [],
};
const LISTENS = ["0.0.0.0", "::"].map((address) => ({ address, port: 8080 }));
const HEALTHY: Facts = {
  capabilities: 0x3000n,
  instances: [INSTANCE],
  interfaces: [ETH1],
  filters: [{ tool: "nft", program: "nft", text: '{"nftables":[]}' }],
  settings: new Map([["ipv4/ip_nonlocal_bind", "0"]]),
  sysctlFiles: [],
  keepalived: { running: false, enabled: false },
  nginx: {
    running: true,
    test: { ok: true, said: "" },
    listens: LISTENS,
  },
  listeners: LISTENS,
  clockSynchronised: true,
  unit: { installed: true, enabled: true, missingFront: null },
  service: { user: "vipd", problems: [] },
  folders: [{ path: "/run/vipd", problem: null }],
  tokens: [{ path: "/run/vipd/token", mode: 0o600, remedy: null }],
  daemonProblem: null,
  apiDown: false,
};
const PEER: MonitoredSender = {
  address: "192.168.31.12",
  role: "master",
  version: 2,
  priority: 150,
  intervalMs: 1000,
  addresses: ["192.168.31.5"],
  checksumForm: "message",
  authentication: { type: 0, printable: null, password: null },
  hmacKey: null,
  destination: "224.0.0.18",
  adverts: 3,
  advertsPerSecond: 1,
  lastHeardMs: 0,
};
const heard = (sender: Partial<MonitoredSender>): Partial<InstanceFacts> => ({
  heard: {
    interface: "eth1",
    family: "ipv4",
    vrid: 55,
    senders: [{ ...PEER, ...sender }],
    findings: [],
  },
});
const CLAIM = [{ address: "192.168.31.5", mac: "02:00:00:00:00:01" }];
const link = (changes: Partial<InstanceFacts>): Partial<Facts> => ({
  instances: [{ ...INSTANCE, ...changes }],
});
const nginx = (changes: Partial<NonNullable<Facts["nginx"]>>): Partial<Facts> => ({
  nginx: { ...HEALTHY.nginx!, ...changes },
});
const TWO_ADDRESSES = {
  ...ETH1,
  addresses: ["192.168.31.11", "192.168.31.21", "192.168.31.5"].map((address) => ({
    address,
    prefixLength: 24,
  })),
};
const UNICAST = {
  ...CONFIG!,
  unicast: { peers: ["192.168.31.12"], ttl: 255, minTtl: 255 },
};
const IPV6 = {
  ...CONFIG!,
  ...{ family: "ipv6", version: 3 } as const,
  addresses: [{ address: "fe80::5", prefixLength: 64, device: "eth1" }],
};

/** A machine with an IPv6 instance alone, where nginx listens as it is configured. */
function listening(...listens: Facts["listeners"] & object): Partial<Facts> {
  return {
    ...link({
      config: {
        ...IPV6,
        addresses: ["fe80::5", "fd00:31::5"].map((address) => ({
          address,
          prefixLength: 64,
          device: "eth1",
        })),
      },
      state: { ...ETH1, addresses: [{ address: "fe80::11", prefixLength: 64 }] },
    }),
    ...nginx({ listens }),
    listeners: listens,
  };
}

/** The filters with one rule of iptables that drops. */
function dropping(what: string): Facts["filters"] {
  const text = `*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A ${what} -j DROP\nCOMMIT\n`;
  return [{ tool: "iptables", program: "iptables", text }];
}

const twin = { ...ETH1, name: "eth2" };

/** The interface with another address, as it is without this. */
function own(address: string, rest: Pick<ActualAddress, "foreign">): Partial<Facts> {
  const addresses = [...ETH1.addresses, { address, prefixLength: 24, ...rest }];
  return { interfaces: [{ ...ETH1, addresses }] };
}

/** A master with a virtual MAC address; arp_ignore and arp_announce of some interfaces. */
function withVirtualMac(arp: Readonly<Record<string, readonly [number, number]>>): Partial<Facts> {
  const onVirtual = CONFIG!.addresses.map((address) => ({ ...address, device: "vrrp.55" }));
  const config = { ...CONFIG!, virtualInterface: "vrrp.55", addresses: onVirtual };
  const up = {
    ...{ ...ETH1, name: "vrrp.55", index: 3 },
    addresses: [{ address: "192.168.31.5", prefixLength: 24 }],
  };
  const settings = Object.entries(arp).flatMap(([name, [ignore, announce]]) =>
    [
      [`ipv4/conf/${name}/arp_ignore`, String(ignore)],
      [`ipv4/conf/${name}/arp_announce`, String(announce)],
    ] as const
  );
  return {
    instances: [{ ...INSTANCE, config }],
    interfaces: [ETH1, up],
    settings: new Map([...settings, ["ipv4/conf/eth1/rp_filter", "1"]]),
  };
}

/** What is different from a healthy machine, and what is found. */
type Case = [string, Partial<Facts>, FindingCode[]];

const CASES: Case[] = [
  ["all is well", {}, []],
  ["the other node is master", link({ ...heard({}), claims: CLAIM }), []],
  ["no capability", { capabilities: 0n }, ["capability_missing"]],
  ["one capability of two", { capabilities: 0x2000n }, ["capability_missing"]],
  ["the other one of two", { capabilities: 0x1000n }, ["capability_missing"]],
  ["capabilities that are not known", { capabilities: null }, []],
  ["no interface", link({ state: null }), ["interface_missing"]],
  ["an interface without carrier", link({ state: { ...ETH1, up: false } }), ["interface_down"]],
  [
    "a virtual address that is the host's own",
    own("192.168.31.5", { foreign: true }),
    ["own_address"],
  ],
  [
    "one that is on another interface",
    {
      interfaces: [ETH1, {
        ...{ ...ETH1, name: "lo" },
        addresses: [{ address: "192.168.31.5", prefixLength: 32, foreign: true }],
      }],
    },
    ["own_address", "arp_from_two"],
  ],
  [
    "one that keepalived may have put there, which runs",
    { ...own("192.168.31.5", { foreign: true }), keepalived: { running: true, enabled: false } },
    ["keepalived_running"],
  ],
  ["one that vipd has put there", own("192.168.31.5", {}), []],
  ["no address", link({ state: { ...ETH1, addresses: [] } }), ["interface_without_address"]],
  ["unicast from one of two addresses", link({ config: UNICAST, state: TWO_ADDRESSES }), [
    "source_ambiguous",
  ]],
  [
    "unicast from the one that is configured",
    link({
      config: { ...UNICAST, sourceAddress: "192.168.31.11" },
      state: TWO_ADDRESSES,
    }),
    [],
  ],
  ["multicast from one of two addresses", link({ state: TWO_ADDRESSES }), []],
  ["no multicast", link({ multicast: false }), ["multicast_off"]],
  ["VRRP refused", link({ openProblem: "no" }), ["vrrp_refused"]],
  ["no packet filter to ask", { filters: [] }, ["firewall_unknown"]],
  ["one that cannot be read", { filters: [{ tool: "nft", program: "nft", text: null }] }, [
    "firewall_unknown",
  ]],
  ["one that drops", {
    filters: [{
      tool: "iptables",
      program: "iptables",
      text: "*filter\n:INPUT DROP [0:0]\nCOMMIT\n",
    }],
  }, ["firewall_drops_vrrp"]],
  ["one that drops what leaves", {
    filters: [{
      ...{ tool: "iptables", program: "iptables-legacy" },
      text: "*mangle\n:POSTROUTING DROP [0:0]\nCOMMIT\n",
    }],
  }, ["firewall_drops_own_adverts"]],
  ["one of iptables that cannot be read", {
    filters: [{ tool: "iptables", program: "iptables", text: null }],
  }, ["firewall_unknown"]],
  ["no carrier, and one that drops", {
    ...link({ state: { ...ETH1, up: false } }),
    filters: dropping("INPUT"),
  }, ["interface_down"]],
  ["one that drops what comes to the own address, for unicast", {
    ...link({ config: UNICAST }),
    filters: dropping("INPUT -d 192.168.31.11/32"),
  }, ["firewall_drops_vrrp"]],
  ["one that drops what leaves to the peer, for unicast", {
    ...link({ config: UNICAST }),
    filters: dropping("OUTPUT -d 192.168.31.12/32"),
  }, ["firewall_drops_own_adverts"]],
  ["one that drops what leaves to the peer, for multicast", {
    filters: dropping("OUTPUT -d 192.168.31.12/32"),
  }, []],
  ["IPv6 rules are not for IPv4", {
    filters: [...HEALTHY.filters, {
      tool: "ip6tables",
      program: "ip6tables",
      text: "*filter\n:INPUT DROP [0:0]\n",
    }],
  }, []],
  ["a stranger has the address", link({ claims: CLAIM }), ["address_in_use"]],
  [
    "the other node has the address under another VRID, and another pair this one",
    link({
      ...heard({ addresses: ["192.168.31.77"] }),
      others: [{ ...heard({}).heard!, vrid: 77 }],
      claims: CLAIM,
    }),
    ["address_in_use", "vrid_in_use"],
  ],
  [
    "another pair under another VRID",
    link({ others: [{ ...heard({ addresses: ["192.168.31.77"] }).heard!, vrid: 77 }] }),
    [],
  ],
  [
    "a stranger has the address, and another pair the VRID",
    link({ ...heard({ addresses: ["192.168.31.77"] }), claims: CLAIM }),
    ["address_in_use", "vrid_in_use"],
  ],
  ["another pair's VRID", link(heard({ addresses: ["192.168.31.77"] })), ["vrid_in_use"]],
  ["another version", link(heard({ version: 3 })), ["peer_differs"]],
  ["another interval", link(heard({ intervalMs: 2000 })), ["peer_differs"]],
  ["more addresses", link(heard({ addresses: ["192.168.31.5", "192.168.31.6"] })), [
    "peer_differs",
  ]],
  ["a password", link(heard({ authentication: { type: 1, printable: true, password: null } })), [
    "peer_differs",
  ]],
  [
    "adverts for nobody",
    link({
      rejected: [{
        interface: "eth1",
        source: "192.168.31.12",
        vrid: 55,
        reason: "checksum",
        count: 3,
        lastHeardMs: 0,
      }],
    }),
    ["adverts_unusable"],
  ],
  ["no answer to ARP", { settings: new Map([["ipv4/conf/eth1/arp_ignore", "8"]]) }, [
    "arp_unanswered",
  ]],
  ["no answer to ARP, for IPv6", {
    ...link({
      config: IPV6,
      state: { ...ETH1, addresses: [{ address: "fe80::11", prefixLength: 64 }] },
    }),
    settings: new Map([["ipv4/conf/eth1/arp_ignore", "8"]]),
  }, []],
  ["two legs in two networks", {
    interfaces: [ETH1, { ...twin, addresses: [{ address: "10.0.0.11", prefixLength: 24 }] }],
  }, []],
  ["two legs in one network, and arp_ignore of all, but not of the other leg", {
    interfaces: [ETH1, twin],
    settings: new Map([["ipv4/conf/all/arp_ignore", "3"], ["ipv4/conf/eth2/arp_ignore", "1"]]),
  }, ["arp_from_two"]],
  ["two legs in one network, and arp_ignore of all, and of the other leg", {
    interfaces: [ETH1, twin],
    settings: new Map([["ipv4/conf/all/arp_ignore", "3"], ["ipv4/conf/eth2/arp_ignore", "2"]]),
  }, ["arp_from_two"]],
  ["two legs in one network", { interfaces: [ETH1, twin] }, ["arp_from_two"]],
  ["and arp_ignore of the other leg, where the request arrives, too", {
    interfaces: [ETH1, twin],
    settings: new Map([["ipv4/conf/eth2/arp_ignore", "1"]]),
  }, []],
  ["and arp_ignore of the leg that has the address", {
    interfaces: [ETH1, twin],
    settings: new Map([["ipv4/conf/eth1/arp_ignore", "1"], ["ipv4/conf/eth2/arp_ignore", "3"]]),
  }, ["arp_from_two"]],
  ["a virtual MAC address, with what vipd sets", withVirtualMac({}), []],
  ["a virtual MAC address, before vipd sets anything", withVirtualMac({ eth1: [3, 3] }), []],
  ["a virtual MAC address, and no answer", withVirtualMac({ all: [8, 0] }), ["arp_unanswered"]],
  ["no answer for the interface below it", withVirtualMac({ eth1: [8, 2] }), []],
  ["a virtual MAC address, and any interface answers", withVirtualMac({ all: [3, 0] }), [
    "virtual_mac_arp",
  ]],
  ["but not the one below", withVirtualMac({ all: [3, 0], eth1: [8, 2] }), ["virtual_mac_arp"]],
  ["a virtual MAC address, and any interface asks", withVirtualMac({ all: [0, 3] }), [
    "virtual_mac_arp",
  ]],
  ["a virtual MAC address, and both are right for all", withVirtualMac({ all: [1, 2] }), []],
  ["and a strict reverse path", {
    interfaces: [ETH1, twin],
    settings: new Map([["ipv4/conf/all/arp_ignore", "1"], ["ipv4/conf/all/rp_filter", "1"]]),
  }, ["reverse_path_strict"]],
  ["keepalived runs", { keepalived: { running: true, enabled: true } }, ["keepalived_running"]],
  ["keepalived will", { keepalived: { running: false, enabled: true } }, ["keepalived_enabled"]],
  ["no nginx", { nginx: null, listeners: [] }, []],
  ["nginx is wrong", nginx({ test: { ok: false, said: "nginx: [emerg] no" } }), [
    "nginx_config_invalid",
  ]],
  [
    "nginx cannot listen on the address that the other node has",
    nginx({
      running: false,
      test: {
        ok: false,
        said:
          "nginx: [emerg] bind() to 192.168.31.5:80 failed (99: Cannot assign requested address)",
      },
      listens: [],
    }),
    ["nginx_cannot_bind", "nginx_not_running"],
  ],
  [
    "nginx is wrong, in other words",
    nginx({ test: { ok: false, said: "nginx: no such file\nand more" } }),
    ["nginx_config_invalid"],
  ],
  ["nginx is down", nginx({ running: false }), ["nginx_not_running"]],
  ["nginx on the address", {
    ...nginx({ listens: [{ address: "192.168.31.5", port: 80 }] }),
    listeners: [{ address: "192.168.31.5", port: 80 }],
  }, ["nginx_cannot_bind"]],
  ["nginx elsewhere", { listeners: [{ address: "127.0.0.1", port: 8080 }] }, [
    "nginx_not_listening",
  ]],
  ["no listen directive, so any port of HTTP", {
    ...nginx({ listens: [] }),
    listeners: [{ address: "192.168.31.5", port: 443 }],
  }, []],
  ["no listen directive, and another port", {
    ...nginx({ listens: [] }),
    listeners: [{ address: "0.0.0.0", port: 81 }],
  }, ["nginx_not_listening"]],
  ["port 80 is one of HTTP", {
    ...nginx({ listens: [] }),
    listeners: [{ address: "0.0.0.0", port: 80 }],
  }, []],
  [
    "nginx on all IPv4 addresses, and the address is of IPv6",
    listening({ address: "0.0.0.0", port: 443 }, { address: "0.0.0.0", port: 80 }),
    ["nginx_not_listening"],
  ],
  [
    "nginx on the IPv6 address, and not on the link-local one of the adverts",
    listening({ address: "fd00:31::5", port: 80 }),
    [],
  ],
  ["nginx on all IPv6 addresses", listening({ address: "::", port: 80 }), []],
  ["nginx on all IPv6 addresses, and the address is of IPv4", {
    ...nginx({ listens: [{ address: "::", port: 80 }] }),
    listeners: [{ address: "::", port: 80 }],
  }, ["nginx_not_listening"]],
  ["nginx with a socket of both families", {
    ...nginx({ listens: [{ address: "::", port: 80 }, { address: "0.0.0.0", port: 80 }] }),
    listeners: [{ address: "::", port: 80 }],
  }, []],
  ["no listen directive, so a socket of both families may be", {
    ...nginx({ listens: [] }),
    listeners: [{ address: "::", port: 80 }],
  }, []],
  ["no clock", { clockSynchronised: false }, ["clock_not_synchronised"]],
  ["who knows the time", { clockSynchronised: null }, ["clock_unknown"]],
  ["no unit", { unit: { installed: false, enabled: false, missingFront: null } }, ["unit_missing"]],
  ["a unit at rest", { unit: { installed: true, enabled: false, missingFront: null } }, [
    "unit_disabled",
  ]],
  ...["/etc/systemd/system", "/usr/lib/systemd/system"].map((folder): Case => [
    `no unit of the front in ${folder}`,
    { unit: { installed: true, enabled: true, missingFront: `${folder}/vipd-front.service` } },
    ["front_unit_missing"],
  ]),
  ["no systemd", { unit: null }, []],
  [
    "a configuration that the service's user cannot read",
    {
      service: {
        user: "vipd",
        problems: [{
          message: "for vipd, the user of vipd.service: permission denied",
          command: "chgrp vipd /etc/vipd/vipd.yaml && chmod 640 /etc/vipd/vipd.yaml",
          fixable: true,
        }],
      },
    },
    ["service_refused"],
  ],
  [
    "one that names what the service's user cannot use",
    {
      service: { user: "vipd", problems: [{ message: "for vipd: checks.site: no such program" }] },
    },
    ["service_refused"],
  ],
  ["no folder", { folders: [{ path: "/run/vipd", problem: "no" }] }, ["folder_unusable"]],
  [
    "an open token",
    { tokens: [{ path: "/run/vipd/token", mode: 0o640, remedy: "chmod 600 /run/vipd/token" }] },
    ["token_readable"],
  ],
  ["no daemon", { daemonProblem: "no" }, ["daemon_unreachable"]],
  ["a daemon without its API", { daemonProblem: "no", apiDown: true }, ["api_down"]],
];

Deno.test("each fault of a machine is found, and nothing else", () => {
  for (const [name, changes, want] of CASES) {
    const found = examine({ ...HEALTHY, ...changes }).findings;
    assert.deepEqual(found.map(({ code }) => code), want, name);
    for (const { message, command } of found) assert.ok(message !== "" && command !== "", name);
  }
});

Deno.test("without systemd no remedy is one of systemd", () => {
  const commands = CASES.filter(([, changes]) => !changes.unit).flatMap(([, changes]) =>
    examine({ ...HEALTHY, ...changes, unit: null }).findings.map(({ command }) => command)
  );
  assert.ok(commands.includes("pgrep -a vipd"), commands.join("\n"));
  // Only systemd enables anything, and these are of a machine where it has done that.
  const enabled = "systemctl disable keepalived";
  const unknown = examine({ ...HEALTHY, clockSynchronised: null, unit: null }).findings;
  assert.deepEqual(unknown.map(({ command }) => command), ["date"], "chronyc may not be there");
  const wrong = commands.filter((command) => /systemctl|timedatectl/.test(command));
  assert.deepEqual(wrong.filter((command) => command !== enabled), []);
});

Deno.test("a healthy machine passes at every point, and each fault takes away its own", () => {
  const healthy = examine(HEALTHY).passed.map(({ message }) => message);
  assert.deepEqual(healthy, [
    "eth1 is up and has 192.168.31.11",
    "the packet filter lets adverts pass on eth1, in and out",
    "no other machine answers for 192.168.31.5",
    "no other node sends adverts with VRID 55 at present",
    "the kernel answers ARP on eth1 alone, and lets answers arrive",
    "this process may listen to the link",
    "keepalived does not run, and does not start at boot",
    "nginx accepts its configuration",
    "nginx runs, and listens where the addresses need it",
    "the clock follows a time source",
    "vipd.service is there and starts at boot",
    "vipd, the service's user, can use the configuration",
    "/run/vipd: vipd can write there",
    "/run/vipd/token: only those who may can read the token",
    "vipd answers on this machine",
  ]);
  const reference = new Set(healthy);
  for (const [name, changes, codes] of CASES) {
    const messages = examine({ ...HEALTHY, ...changes }).passed.map(({ message }) => message);
    const missing = healthy.filter((message) => !messages.includes(message));
    if (codes.length > 0) assert.ok(missing.length > 0, name);
    assert.ok(messages.length <= reference.size, name);
  }
  assert.deepEqual(
    Object.keys(FINDINGS).filter((code) => !COVERED_CODES.includes(code as FindingCode)),
    ["config_invalid", "config_unreadable"],
  );
});

Deno.test("a file that this user may not read is no fault of the configuration", () => {
  const diagnostic = {
    ...{ severity: "error", code: "file_unreadable", file: "/etc/x y.yaml", line: null } as const,
    ...{ column: null, key: null, message: "no", hint: "-", excerpt: null },
  };
  const denied = unusable("/etc/x y.yaml", { ...diagnostic, unreadable: "/etc/x y.yaml" });
  assert.deepEqual([denied.code, denied.command], [
    ...["config_unreadable", "sudo vipd doctor --config '/etc/x y.yaml'"],
  ]);
  const broken = unusable("/etc/x y.yaml", diagnostic);
  assert.deepEqual([broken.code, broken.command], ["config_invalid", "vipd check '/etc/x y.yaml'"]);
});

Deno.test("what was not examined has not passed", () => {
  const down = examine({ ...HEALTHY, ...link({ state: { ...ETH1, up: false } }) }).passed;
  assert.deepEqual(down.filter(({ subject }) => subject === "VI_1"), []);
  const deaf = examine({ ...HEALTHY, ...link({ openProblem: "no" }) }).passed;
  assert.deepEqual(deaf.filter(({ subject }) => subject === "VI_1").map(({ message }) => message), [
    "the packet filter lets adverts pass on eth1, in and out",
    "the kernel answers ARP on eth1 alone, and lets answers arrive",
  ]);
  const without =
    examine({ ...HEALTHY, nginx: null, unit: null, service: null, tokens: [] }).passed;
  const text = without.map(({ message }) => message).join("\n");
  assert.doesNotMatch(text, /nginx|vipd\.service|service's user|token/);
});

Deno.test("every finding there is has a case", () => {
  const covered = new Set(CASES.flatMap(([, , codes]) => codes));
  const missing = Object.keys(FINDINGS).filter((code) => !covered.has(code as FindingCode));
  // The command itself tells of a configuration that it cannot use.
  assert.deepEqual(missing, ["config_invalid", "config_unreadable"]);
});

Deno.test("the gravest comes first, with its meaning and the command that fixes it", () => {
  const facts = { ...HEALTHY, clockSynchronised: null, ...link({ multicast: false }) };
  assert.equal(
    examinationText(
      { ...examine(facts), passed: [{ subject: "VI_1", message: "eth1 is up" }] },
      styleFor(false),
    ),
    `ok VI_1: eth1 is up

error VI_1: eth1 does not do multicast [multicast_off]
  The interface does not do multicast, and the adverts are multicast.
  $ ip link set eth1 multicast on

info clock: neither timedatectl nor chronyc reports whether the clock is synchronised [clock_unknown]
  It is not known whether the clock is synchronised.
  $ timedatectl

errors: 1, warnings: 0, not known: 1, right: 1
`,
  );
});

Deno.test("listening sockets are read from the kernel's tables", () => {
  const head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";
  const idle = "00000000:00000000 00:00000000 00000000";
  const none = "00000000000000000000000000000000:0000";
  const table = `${head}   0: 00000000:0050 00000000:0000 0A ${idle}     0        0 632
   1: 0100007F:2398 00000000:0000 0A ${idle}   990        0 633
   2: 0B1FA8C0:A1B2 0C1FA8C0:0016 01 ${idle}     0        0 634
   3: B80D0120000000000000000005000000:0050 ${none} 0A ${idle}    33        0 635
   4: 0000000000000000FFFF00000100007F:0050 ${none} 0A ${idle}    33        0 636
   5: 0000000000000000FFFF000000000000:0051 ${none} 0A ${idle}    33        0 637
   6: 00000000000000000000000000000000:0050 ${none} 0A ${idle}    33        0 638
`;
  assert.deepEqual(readTable(table), [
    { address: "0.0.0.0", port: 80, uid: 0 },
    { address: "127.0.0.1", port: 9112, uid: 990 },
    { address: "2001:db8::5", port: 80, uid: 33 },
    { address: "127.0.0.1", port: 80, uid: 33 },
    { address: "0.0.0.0", port: 81, uid: 33 },
    { address: "::", port: 80, uid: 33 },
  ]);
});

Deno.test("the reference has every finding", async () => {
  const rows = Object.entries(FINDINGS).map(([code, meaning]) => `- \`${code}\`: ${meaning}\n`);
  const marker = "<!-- generated from the findings -->\n";
  const text = await Deno.readTextFile(REFERENCE);
  const fresh = `${text.slice(0, text.indexOf(marker))}${marker}\n${rows.join("")}`;
  if (Deno.env.get("UPDATE_GOLDEN")) await Deno.writeTextFile(REFERENCE, fresh);
  assert.equal(text.replace(/\s+/g, " "), fresh.replace(/\s+/g, " "));
});

Deno.test("each fault is described as it was agreed, and the gravest comes first", async () => {
  const several = { ...link({ claims: CLAIM }), filters: [], clockSynchronised: false, unit: null };
  const rows = [...CASES, ["several at once", several] as const];
  const text = rows.map(([name, changes]) => {
    const found = examine({ ...HEALTHY, ...changes }).findings;
    return [`# ${name}`, ...found.map((finding) => JSON.stringify(finding))].join("\n");
  }).join("\n\n") + "\n";
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(GOLDEN, text);
  assert.equal(text, await Deno.readTextFile(GOLDEN));
});

Deno.test("each setting of the kernel that a rule looks at is gathered", () => {
  const looked = new Set<string>();
  class Recording extends Map<string, string> {
    override get(path: string): string | undefined {
      looked.add(path);
      return super.get(path);
    }
  }
  for (const [, changes] of CASES) {
    const facts = { ...HEALTHY, ...changes };
    examine({ ...facts, settings: new Recording(facts.settings) });
  }
  const gathered = kernelSettings("judged", ["all", "eth1", "eth2"]);
  const ofThese = [...looked].filter((path) => !/conf\/(?!(all|eth1|eth2)\/)/.test(path));
  assert.ok(ofThese.length > 4, [...looked].join(" "));
  assert.deepEqual(ofThese.filter((path) => !gathered.includes(path)), []);
});
