import assert from "node:assert/strict";
import { addressMatches, judgeIptables } from "../../src/doctor/iptables.ts";
import { judgeNftables } from "../../src/doctor/nftables.ts";
import type { Advert, FilterVerdict } from "../../src/firewall/packet_filter.ts";

const ADVERT: Advert = {
  direction: "in",
  interface: "eth1",
  family: "ipv4",
  destination: "224.0.0.18",
};

/** Policy of INPUT, rules, what becomes of the advert. */
const IPTABLES: [string, "ACCEPT" | "DROP", string[], FilterVerdict][] = [
  ["nothing is filtered", "ACCEPT", [], "accept"],
  ["the policy drops", "DROP", [], "drop"],
  ["the protocol is dropped", "ACCEPT", ["-A INPUT -p vrrp -j DROP"], "drop"],
  ["the protocol by number", "ACCEPT", ["-A INPUT -p 112 -j REJECT --reject-with icmp-x"], "drop"],
  ["another protocol", "ACCEPT", ["-A INPUT -p tcp -m tcp --dport 22 -j DROP"], "accept"],
  ["another interface", "ACCEPT", ["-A INPUT -i eth0 -p vrrp -j DROP"], "accept"],
  ["interfaces by their beginning", "ACCEPT", ["-A INPUT -i eth+ -j DROP"], "drop"],
  ["interfaces with another beginning", "ACCEPT", ["-A INPUT -i eth0+ -j DROP"], "accept"],
  [
    "allowed on the interface",
    "DROP",
    ["-A INPUT -i eth1 -d 224.0.0.18/32 -p vrrp -j ACCEPT"],
    "accept",
  ],
  ["allowed for all multicast", "DROP", ["-A INPUT -d 224.0.0.0/4 -j ACCEPT"], "accept"],
  [
    "dropped for a network whose length ends within an octet",
    "ACCEPT",
    ["-A INPUT -d 224.0.128.0/17 -j DROP", "-A INPUT -d 224.0.0.16/29 -j DROP"],
    "drop",
  ],
  [
    "dropped for its neighbours in such a network",
    "ACCEPT",
    ["-A INPUT -d 224.0.16.0/20 -j DROP", "-A INPUT -d 224.0.0.24/29 -j DROP"],
    "accept",
  ],
  ["not to others", "ACCEPT", ["-A INPUT ! -d 224.0.0.18/32 -p vrrp -j DROP"], "accept"],
  ["not from one interface", "ACCEPT", ["-A INPUT ! -i eth0 -p vrrp -j DROP"], "drop"],
  [
    "from one source, in doubt",
    "DROP",
    ["-A INPUT -s 192.168.31.12/32 -p vrrp -j ACCEPT"],
    "unknown",
  ],
  [
    "from one source, in vain",
    "ACCEPT",
    ["-A INPUT -s 192.168.31.12/32 -p vrrp -j ACCEPT"],
    "accept",
  ],
  ["a module without options, in doubt", "DROP", ["-A INPUT -m socket -j ACCEPT"], "unknown"],
  ["established is never", "DROP", [
    "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    '-A INPUT -m comment --comment "not -j ACCEPT" -p tcp -j ACCEPT',
  ], "drop"],
  ["new is always", "ACCEPT", ["-A INPUT -m state --state NEW -p vrrp -j DROP"], "drop"],
  ["a comment does not decide", "ACCEPT", [
    '-A INPUT -m comment --comment "no VRRP" -p vrrp -j DROP',
  ], "drop"],
  ["a goto is not followed", "ACCEPT", ["-A INPUT -g MINE"], "unknown"],
  [
    "a log does not decide",
    "ACCEPT",
    ['-A INPUT -j LOG --log-prefix "x "', "-A INPUT -j DROP"],
    "drop",
  ],
  ["in a chain of its own", "ACCEPT", ["-A INPUT -j MINE", "-A MINE -p vrrp -j DROP"], "drop"],
  [
    "back from it",
    "DROP",
    ["-A INPUT -j MINE", "-A MINE -j RETURN", "-A INPUT -p vrrp -j ACCEPT"],
    "accept",
  ],
  ["a chain that nobody knows", "ACCEPT", ["-A INPUT -j GONE"], "unknown"],
  ["chains that call each other", "ACCEPT", ["-A INPUT -j MINE", "-A MINE -j MINE"], "unknown"],
];

Deno.test("the rules of iptables-save are followed for an advert", () => {
  for (const [name, policy, rules, want] of IPTABLES) {
    const text = `# comment\n*nat\n:INPUT DROP [0:0]\nCOMMIT\n*filter\n:INPUT ${policy} [0:0]\n` +
      `:MINE - [0:0]\n${rules.join("\n")}\nCOMMIT\n`;
    assert.equal(judgeIptables(text, ADVERT, "iptables").verdict, want, name);
  }
  assert.equal(judgeIptables("", ADVERT, "iptables").verdict, "accept");
});

Deno.test("an address is in a network of its family, of whatever length", () => {
  const rows: [network: string, address: string, want: boolean | null][] = [
    ["224.0.0.18", "224.0.0.18", true],
    ["224.0.0.18", "224.0.0.19", false],
    ["224.0.0.18", "225.0.0.18", false],
    ["224.0.0.18/32", "224.0.0.18", true],
    ["224.0.0.18/32", "224.0.0.19", false],
    ["224.0.0.18/32", "225.0.0.18", false],
    ["224.0.0.0/31", "224.0.0.1", true],
    ["224.0.0.0/31", "224.0.0.2", false],
    ["0.0.0.0/0", "224.0.0.18", true],
    ["0.0.0.0/1", "224.0.0.18", false],
    ["ff02::12", "ff02::12", true],
    ["ff02::12", "ff02::13", false],
    ["ff02::/16", "ff02::12", true],
    ["::/0", "224.0.0.18", false],
    ["0.0.0.0/0", "ff02::12", false],
    ["224.0.0.0/240.0.0.0", "224.0.0.18", null],
    ["example", "224.0.0.18", null],
    ["224.0.0.18", "example", null],
  ];
  for (const [network, address, want] of rows) {
    assert.equal(addressMatches(network, address), want, `${address} in ${network}`);
  }
});

const match = (left: unknown, right: unknown, op = "==") => ({ match: { op, left, right } });
const l4proto = { meta: { key: "l4proto" } };
const iifname = { meta: { key: "iifname" } };
const oifname = { meta: { key: "oifname" } };
const nfproto = { meta: { key: "nfproto" } };
const ctState = { ct: { key: "state" } };
const daddr = { payload: { protocol: "ip", field: "daddr" } };
const saddr = { payload: { protocol: "ip", field: "saddr" } };
const drop = { drop: null };
const accept = { accept: null };

/** Policy of the input chain, rules, what becomes of the advert. */
const NFTABLES: [string, "accept" | "drop", Record<string, unknown>[][], FilterVerdict][] = [
  ["nothing is filtered", "accept", [], "accept"],
  ["the policy drops", "drop", [], "drop"],
  ["the protocol is dropped", "accept", [[match(l4proto, "vrrp"), { counter: {} }, drop]], "drop"],
  ["among others", "accept", [[match(l4proto, { set: ["tcp", 112] }), drop]], "drop"],
  ["all but it", "accept", [[match(l4proto, "vrrp", "!="), drop]], "accept"],
  ["allowed to the group", "drop", [[match(daddr, "224.0.0.18"), accept]], "accept"],
  [
    "allowed to a network",
    "drop",
    [[match(daddr, { prefix: { addr: "224.0.0.0", len: 4 } }), accept]],
    "accept",
  ],
  ["another interface", "drop", [[match(iifname, "eth0"), accept]], "drop"],
  ["established is never", "drop", [[
    match({ ct: { key: "state" } }, ["established", "related"], "in"),
    accept,
  ]], "drop"],
  ["new is always", "drop", [[match(ctState, ["established", "new"], "in"), accept]], "accept"],
  ["its interface", "accept", [[match(iifname, "eth1"), drop]], "drop"],
  ["interfaces by their beginning", "accept", [[match(iifname, "eth*"), drop]], "drop"],
  ["interfaces with another beginning", "accept", [[match(iifname, "eth10*"), drop]], "accept"],
  ["an interface by its number, in doubt", "accept", [[match(iifname, 2), drop]], "unknown"],
  ["what leaves by the interface", "accept", [[match(oifname, "eth1"), drop]], "accept"],
  ["what does not leave by it", "accept", [[match(oifname, "eth1", "!="), drop]], "drop"],
  ["its family", "accept", [[match(nfproto, "ipv4"), drop]], "drop"],
  ["the other family", "accept", [[match(nfproto, "ipv6"), drop]], "accept"],
  ["a limit, in doubt", "accept", [[{ limit: { rate: 1, per: "second" } }, drop]], "unknown"],
  ["a limit, in vain", "accept", [[{ limit: { rate: 1, per: "second" } }, accept]], "accept"],
  ["less than the group, in doubt", "drop", [[match(daddr, "224.0.0.19", "<"), accept]], "unknown"],
  ["none of a named set, in doubt", "drop", [[match(daddr, "@groups", "!="), accept]], "unknown"],
  ["what nft does not say", "accept", [[match(l4proto, null), drop]], "accept"],
  ["from one source, in doubt", "drop", [[match(saddr, "192.168.31.12"), accept]], "unknown"],
  ["a port is another protocol's", "accept", [[
    match({ payload: { protocol: "tcp", field: "dport" } }, 22),
    drop,
  ]], "accept"],
  ["a named set is unknown", "drop", [[match(daddr, "@groups"), accept]], "unknown"],
  ["a verdict map is unknown", "accept", [[{ vmap: {} }]], "unknown"],
  ["by way of another chain", "accept", [[{ jump: { target: "mine" } }]], "drop"],
];

function ruleset(policy: string, rules: Record<string, unknown>[][], family = "inet", table = "t") {
  const place = { family, table };
  const mine = [[match(l4proto, "vrrp"), drop]];
  return JSON.stringify({
    nftables: [
      { metainfo: { version: "1.0.6" } },
      { table: { family, name: table } },
      { chain: { ...place, name: "input", hook: "input", policy } },
      { chain: { ...place, name: "mine" } },
      ...rules.map((expr) => ({ rule: { ...place, chain: "input", expr } })),
      ...mine.map((expr) => ({ rule: { ...place, chain: "mine", expr } })),
    ],
  });
}

Deno.test("the rules of nft are followed for an advert", () => {
  for (const [name, policy, rules, want] of NFTABLES) {
    assert.equal(judgeNftables(ruleset(policy, rules), ADVERT).verdict, want, name);
  }
  assert.equal(
    judgeNftables(ruleset("drop", [], "ip6"), ADVERT).verdict,
    "accept",
    "another family",
  );
  assert.equal(
    judgeNftables(ruleset("drop", [], "ip", "vipd_drain"), ADVERT).verdict,
    "accept",
    "own",
  );
  for (const text of ["", "{}", "not JSON"]) {
    assert.equal(judgeNftables(text, ADVERT).verdict, "unknown");
  }
});

const OUT: Advert = { ...ADVERT, direction: "out" };

Deno.test("iptables: every table and chain on the way in and out, with the command for that place", () => {
  const text = `*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT DROP [0:0]
COMMIT
*mangle
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o eth1 -p vrrp -j DROP
-A POSTROUTING -i eth1 -j DROP
COMMIT
*filter
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:MINE - [0:0]
-A INPUT -o eth1 -j DROP
-A INPUT -j MINE
-A MINE -p vrrp -j DROP
COMMIT
`;
  assert.deepEqual(judgeIptables(text, ADVERT, "iptables-legacy").drops, [{
    place: "iptables-legacy, table filter, chain MINE, rule 1",
    command: "iptables-legacy -I INPUT -i eth1 -d 224.0.0.18 -p 112 -j ACCEPT",
  }]);
  assert.deepEqual(judgeIptables(text, OUT, "iptables").drops, [
    {
      place: "iptables, table raw, policy of chain OUTPUT",
      command: "iptables -t raw -I OUTPUT -o eth1 -d 224.0.0.18 -p 112 -j ACCEPT",
    },
    {
      place: "iptables, table mangle, chain POSTROUTING, rule 1",
      command: "iptables -t mangle -I POSTROUTING -o eth1 -d 224.0.0.18 -p 112 -j ACCEPT",
    },
  ]);
});

/** Family, hook, device, whether the advert in and the one out are dropped there. */
const PLACES: [string, string, string | undefined, boolean, boolean][] = [
  ["inet", "prerouting", undefined, true, false],
  ["ip", "input", undefined, true, false],
  ["netdev", "ingress", "eth1", true, false],
  ["netdev", "ingress", "eth0", false, false],
  ["inet", "forward", undefined, false, false],
  ["inet", "output", undefined, false, true],
  ["ip", "postrouting", undefined, false, true],
  ["netdev", "egress", "eth1", false, true],
  ["ip6", "output", undefined, false, false],
];

Deno.test("nft: every hook on the way in and out, with table, chain and handle", () => {
  for (const [family, hook, dev, drops, dropsOwn] of PLACES) {
    const place = { family, table: "t" };
    const json = JSON.stringify({
      nftables: [
        { chain: { ...place, name: "c", hook, policy: "accept", ...dev && { dev } } },
        { chain: { ...place, name: "mine" } },
        { rule: { ...place, chain: "c", handle: 4, expr: [{ jump: { target: "mine" } }] } },
        { rule: { ...place, chain: "mine", handle: 7, expr: [match(l4proto, "vrrp"), drop] } },
      ],
    });
    const where = family === "netdev" ? "" : drops ? "iifname eth1 " : "oifname eth1 ";
    const found = [{
      place: `nft, table ${family} t, chain mine, rule with handle 7`,
      command: `nft insert rule ${family} t c ${where}ip daddr 224.0.0.18 meta l4proto 112 accept`,
    }];
    assert.deepEqual(judgeNftables(json, ADVERT).drops, drops ? found : [], `${hook} in`);
    assert.deepEqual(judgeNftables(json, OUT).drops, dropsOwn ? found : [], `${hook} out`);
  }
});
