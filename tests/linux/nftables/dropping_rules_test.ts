/** The rules that drop adverts, as the kernel has them from nft and from iptables: found, with the command that helps. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { isHostError } from "../../../src/host/errors.ts";
import type { FilteredAdvert } from "../../../src/host/firewall.ts";
import { ip, namespaceTest, openHost } from "../namespace.ts";

const GROUP = "224.0.0.18";
const SOURCE = "192.168.31.11";
const MAC = Uint8Array.of(0, 0, 0x5e, 0, 1, 55);

function run(command: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(command, { args }).outputSync();
  if (!success) {
    throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}

const OUT: FilteredAdvert = {
  ...{ direction: "out", interface: "eth1", family: "ipv4" },
  ...{ destination: GROUP, unicast: false },
};

/** A chain for what leaves, in a table `inet t`. */
const chain = (rules: string, policy = "accept", hook = "output") =>
  `chain c { type filter hook ${hook} priority 0; policy ${policy}; ${rules}; };`;
const table = (text: string) => `table inet t { ${text} }`;

const RULE = (handle: number, name = "c") =>
  `nft, table inet t, chain ${name}, rule with handle ${handle}`;
const POLICY = "nft, table inet t, policy of chain c";

/** What nft is given, and where the advert is dropped; `null`: it leaves. */
const RULESETS: readonly (readonly [ruleset: string, place: string | null])[] = [
  [table(chain("ip protocol vrrp drop")), RULE(2)],
  [table(chain("meta l4proto 112 counter reject")), RULE(2)],
  [table(chain("meta l4proto { tcp, 112 } drop")), RULE(3)],
  [table(chain("meta l4proto 100-120 drop")), RULE(2)],
  [table(chain("meta l4proto { 1-5, 100-120 } drop")), RULE(3)],
  [table(chain("meta l4proto { 1-5, 120-130 } drop")), null],
  [table(chain("meta l4proto != { tcp, udp } drop")), RULE(3)],
  [table(chain("oifname eth1 ip daddr 224.0.0.0/8 drop")), RULE(2)],
  [table(chain("oifname eth1 ip daddr 224.0.1.0/24 drop")), null],
  [table(chain("oif eth1 drop")), RULE(2)],
  [table(chain("oifname eth2 drop")), null],
  [table(chain("oifname != eth1 drop")), null],
  [table(chain('oifname "eth*" drop')), RULE(2)],
  [table(chain("iifname lo drop")), null],
  [table(chain("ip daddr { 10.0.0.0/8, 224.0.0.0-224.0.0.255 } drop")), RULE(3)],
  [table(chain("oifname . meta l4proto { eth1 . 112 } drop")), RULE(3)],
  [table(chain("tcp dport 22 drop; udp dport { 53, 67 } drop")), null],
  [table(chain("tcp dport 22 accept", "drop")), POLICY],
  [table(chain("meta l4proto 112 accept", "drop")), null],
  [table(chain("ct state established,related accept", "drop")), POLICY],
  [table(chain("ct state vmap { established : accept, related : accept, new : drop }")), RULE(3)],
  [
    table(
      chain("meta l4proto vmap { tcp : accept, 112 : jump other }") + " chain other { drop; };",
    ),
    RULE(5, "other"),
  ],
  [table(`chain other { ip daddr ${GROUP} drop; }; ${chain("jump other")}`), RULE(3, "other")],
  [table(`chain other { return; }; ${chain("jump other; drop")}`), RULE(5)],
  [table(chain("ip protocol vrrp drop", "accept", "postrouting")), RULE(2)],
  [table(chain("ip protocol vrrp drop", "accept", "input")), null],
  [`table inet t { flags dormant; ${chain("drop")} }`, null],
  [`table ip6 t { ${chain("drop")} }`, null],
  [
    `table ip t { ${chain("ip protocol 112 drop")} }`,
    "nft, table ip t, chain c, rule with handle 2",
  ],
  [
    "table netdev t { chain c { type filter hook egress device eth1 priority 0; ip protocol 112 drop; }; }",
    "nft, table netdev t, chain c, rule with handle 2",
  ],
];

function link(): void {
  ip("link add eth1 type veth peer name peer1");
  for (const name of ["peer1", "eth1", "lo"]) ip(`link set ${name} up`);
  ip(`address add ${SOURCE}/24 dev eth1`);
}

namespaceTest(
  import.meta.url,
  "the rule of nft that drops adverts on their way out is found, and only that",
  async () => {
    link();
    const host = openHost();
    try {
      const port = host.openVrrp("eth1", "ipv4", () => {});
      if (isHostError(port)) throw new Error(port.message);
      for (const [ruleset, place] of RULESETS) {
        run("nft", ruleset);
        const drops = host.droppingRules(OUT);
        deepStrictEqual(drops.map((drop) => drop.place), place === null ? [] : [place], ruleset);
        // The kernel says the same.
        const refused: string | null = port.send(new Uint8Array(8), SOURCE, GROUP)?.code ?? null;
        const isEgress = ruleset.includes("netdev");
        const code = isEgress ? "ENOBUFS" : "EPERM";
        strictEqual(refused, place === null ? null : code, ruleset);
        // A frame meets egress chains alone.
        const framed = host.droppingRules({ ...OUT, framed: true }).map((drop) => drop.place);
        deepStrictEqual(framed, isEgress ? [place] : [], ruleset);
        const frame = host.sendVrrpAs(MAC, "eth1", new Uint8Array(8), SOURCE, GROUP);
        strictEqual(frame?.code ?? null, isEgress ? code : null, ruleset);
        for (const { command } of drops) run("sh", "-c", command);
        if (place !== null) {
          deepStrictEqual(host.droppingRules(OUT), [], `${ruleset}: ${drops[0]!.command}`);
          strictEqual(port.send(new Uint8Array(8), SOURCE, GROUP), null, drops[0]!.command);
        }
        run("nft", "flush ruleset");
      }
    } finally {
      await host.close();
    }
  },
);

const IN: FilteredAdvert = { ...OUT, direction: "in" };

/** Rules of iptables, and where they drop an advert. */
const IPTABLES_RULES: readonly (readonly [
  advert: FilteredAdvert,
  rules: readonly string[],
  place: RegExp | null,
])[] = [
  [
    OUT,
    ["-A OUTPUT -p 112 -j DROP"],
    /^iptables, table filter, chain OUTPUT, rule with handle \d+$/,
  ],
  [OUT, ["-A OUTPUT -p 112 -m comment --comment x -j REJECT"], /chain OUTPUT, rule/],
  [OUT, ["-A OUTPUT -p tcp --dport 22 -j DROP"], null],
  [IN, ["-A OUTPUT -p 112 -j DROP"], null],
  [
    IN,
    ["-A INPUT -i eth1 -d 224.0.0.18 -j LOG", "-A INPUT -i eth1 -d 224.0.0.18 -j DROP"],
    /INPUT, rule/,
  ],
  [IN, ["-A INPUT -i eth2 -p 112 -j DROP"], null],
  [
    IN,
    ["-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-P INPUT DROP"],
    /^iptables, table filter, policy of chain INPUT$/,
  ],
  [IN, ["-A INPUT -m conntrack --ctstate NEW -j ACCEPT", "-P INPUT DROP"], null],
  [IN, ["-N other", "-A other -p 112 -j DROP", "-A INPUT -j other"], /chain other, rule/],
  // The kernel may take a unicast advert for an answer to one of this node's.
  [
    { ...IN, destination: SOURCE, unicast: true },
    ["-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT", "-P INPUT DROP"],
    null,
  ],
];

namespaceTest(
  import.meta.url,
  "the rule of iptables that drops adverts is found, either way",
  async () => {
    link();
    const host = openHost();
    try {
      for (const [advert, rules, place] of IPTABLES_RULES) {
        for (const rule of rules) run("iptables", ...rule.split(" "));
        const drops = host.droppingRules(advert);
        strictEqual(drops.length, place === null ? 0 : 1, `${rules}: ${JSON.stringify(drops)}`);
        for (const drop of drops) {
          match(drop.place, place!, `${rules}`);
          run("sh", "-c", drop.command);
          deepStrictEqual(host.droppingRules(advert), [], `${rules}: ${drop.command}`);
        }
        run("nft", "flush ruleset");
      }
    } finally {
      await host.close();
    }
  },
);

namespaceTest(
  import.meta.url,
  "a firewall too large to be read costs little and names nothing",
  async () => {
    link();
    const host = openHost();
    try {
      const rules = Array.from(
        { length: 10_000 },
        (_, at) => `ip saddr 10.0.${at >> 8}.${at & 255} drop;`,
      );
      const child = new Deno.Command("nft", { args: ["-f", "-"], stdin: "piped" }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(
        new TextEncoder().encode(table(chain(`${rules.join("\n")} meta l4proto 112 drop`))),
      );
      await writer.close();
      strictEqual((await child.status).success, true);
      // The quickest of some, because the machine may be busy: to read all of it takes a multiple.
      const tookMs = Array.from({ length: 10 }, () => {
        const beganMs = performance.now();
        deepStrictEqual(host.droppingRules(OUT), []);
        return performance.now() - beganMs;
      });
      strictEqual(Math.min(...tookMs) < 10, true, `${tookMs} ms`);
    } finally {
      await host.close();
    }
  },
);
