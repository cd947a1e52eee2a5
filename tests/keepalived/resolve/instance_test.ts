/** What the settings of an instance become at their bounds, and what is said of it. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { importText, instanceWith, told } from "../support.ts";

interface Case {
  /** Lines of the instance. */
  readonly lines: string;
  /** Lines of global_defs. */
  readonly global?: string;
  /** Keys of the instance; `undefined` if the key must not be there. */
  readonly becomes: Readonly<Record<string, unknown>>;
  /** Keys of the file. */
  readonly file?: Readonly<Record<string, unknown>>;
  readonly findings?: readonly RegExp[];
}

const STRICT = { repeat_lower_priority: 0, delay_lower_priority: "0s" };
const small = (sum: number) => new RegExp(`all weights together move the priority by ${sum},`);

const CASES: readonly Case[] = [
  { lines: "version 3\nadvert_int 0.01", becomes: { advert_interval: "10ms" } },
  { lines: "version 3\nadvert_int 40.95", becomes: { advert_interval: "40.95s" } },
  {
    lines: "version 3\nadvert_int 40.96",
    becomes: { advert_interval: "40.95s" },
    findings: [/version 3 cannot say 40.96 s; .*there is nothing to do$/],
  },
  {
    lines: "advert_int 0.4",
    becomes: { advert_interval: "1s" },
    findings: [/version 2 cannot say 0.4 s; it becomes 1s.*choose version 3/],
  },
  {
    lines: "advert_int 1.5",
    becomes: { advert_interval: "2s" },
    findings: [/version 2 cannot say 1.5 s; it becomes 2s/],
  },
  { lines: "advert_int 2", becomes: { advert_interval: "2s" } },
  { lines: "preempt_delay 0", becomes: { preempt_delay: undefined } },
  { lines: "preempt_delay 0.001", becomes: { preempt_delay: "10ms" } },
  { lines: "preempt_delay 1", becomes: { preempt_delay: "1s" } },
  {
    lines: "preempt_delay 4\nnopreempt",
    becomes: { preempt_delay: undefined, preempt: false },
    findings: [/no effect together with `nopreempt`/],
  },
  {
    lines: "preempt_delay 4\npriority 255",
    becomes: { preempt_delay: undefined },
    findings: [/no effect with the priority 255/],
  },
  {
    lines: "preempt_delay 4\nstrict_mode\naccept\nversion 3",
    becomes: { preempt_delay: undefined, announce: STRICT },
    findings: [/no effect in strict mode/],
  },
  {
    lines: "nopreempt\npriority 255",
    becomes: { preempt: undefined },
    findings: [/no effect with the priority 255/],
  },
  { lines: "state MASTER\npriority 255", becomes: { priority: 255 } },
  {
    lines: "strict_mode\ndown_timer_adverts 3\nversion 3\naccept",
    becomes: { down_timer_adverts: undefined, accept: undefined, announce: STRICT },
  },
  {
    lines: "strict_mode\naccept",
    becomes: { accept: false },
    findings: [/strict mode refuses packets/],
  },
  { lines: "strict_mode\npriority 255", becomes: { accept: undefined } },
  {
    lines: "no_accept\npriority 255",
    becomes: { accept: undefined },
    findings: [/the owner of the addresses \(priority 255\) accepts/],
  },
  { lines: "no_accept", becomes: { accept: false } },
  ...["abcdefghijkl", "abcdefghijklmn"].map((prefix): Case => ({
    lines: "use_vmac",
    global: `vmac_prefix ${prefix}`,
    becomes: { virtual_mac: { interface: "abcdefghijkl.10" } },
  })),
  {
    lines: "use_vmac own",
    global: "vmac_prefix abc",
    becomes: { virtual_mac: { interface: "own" } },
    findings: [/vmac_prefix: no instance has `use_vmac` without a name/],
  },
  {
    lines: "garp_master_refresh 10\ngarp_master_refresh_repeat 1",
    becomes: { announce: { refresh: "10s" } },
  },
  {
    lines: "garp_master_refresh 10\ngarp_master_refresh_repeat 2",
    becomes: { announce: { refresh: "10s", refresh_repeat: 2 } },
  },
  { lines: "garp_master_refresh_repeat 1", becomes: { announce: undefined } },
  {
    lines: "garp_master_refresh_repeat 2",
    becomes: { announce: undefined },
    findings: [/without `garp_master_refresh` nothing is repeated/],
  },
  { lines: "unicast_peer {\n10.0.0.2 min_ttl 1\n}", becomes: { unicast: { peers: ["10.0.0.2"] } } },
  {
    lines: "unicast_peer {\n10.0.0.2 min_ttl 2\n10.0.0.3 min_ttl 3\n}",
    becomes: { unicast: { peers: ["10.0.0.2", "10.0.0.3"], min_ttl: 2 } },
    findings: [/10\.0\.0\.3: vipd has one `min_ttl` for all peers, the lowest of them: 2/],
  },
  {
    lines: "unicast_peer {\n10.0.0.2 min_ttl 2\n10.0.0.3\n}",
    becomes: { unicast: { peers: ["10.0.0.2", "10.0.0.3"] } },
    findings: [/10\.0\.0\.2: vipd has one `min_ttl` for all peers, the lowest of them: 1/],
  },
  {
    lines: "garp_master_delay 4\ngarp_master_repeat 3",
    becomes: { announce: { delay: "4s", repeat: 3 } },
  },
  {
    lines: "",
    global: "vrrp_garp_interval 0.999",
    becomes: { announce: { interval: "999ms" } },
  },
  {
    lines: "",
    global: "vrrp_garp_interval 0.001\nvrrp_gna_interval 0.5",
    becomes: { announce: { interval: "1ms" } },
    findings: [/vrrp_gna_interval: no instance is of this family/],
  },
  { lines: "", global: "vrrp_startup_delay 0", becomes: {}, file: { start_delay: undefined } },
  { lines: "", global: "vrrp_startup_delay 0.001", becomes: {}, file: { start_delay: "10ms" } },
  { lines: "", global: "vrrp_startup_delay 1", becomes: {}, file: { start_delay: "1s" } },
  { lines: "", global: "vrrp_startup_delay 1.5", becomes: {}, file: { start_delay: "1.5s" } },
  {
    lines: "",
    global: "vrrp_rt_priority 5",
    becomes: {},
    file: { process: { realtime_priority: 5 } },
  },
  { lines: "", global: "vrrp_priority -5", becomes: {}, file: { process: { nice: -5 } } },
  { lines: "", becomes: {}, file: { process: undefined, start_delay: undefined } },
  {
    lines: "track_interface {\neth1 weight 5\neth2 weight -4\n}",
    becomes: { track: [{ interface: "eth1", weight: 5 }, { interface: "eth2", weight: -4 }] },
    findings: [small(9)],
  },
  {
    lines: "track_interface {\neth1 weight 5\neth2 weight -5\n}",
    becomes: { track: [{ interface: "eth1", weight: 5 }, { interface: "eth2", weight: -5 }] },
  },
  {
    lines: "track_interface {\neth3\neth1 weight 5\n}",
    becomes: { track: [{ interface: "eth3" }, { interface: "eth1", weight: 5 }] },
    findings: [small(5)],
  },
  {
    lines: "priority 101\ntrack_interface {\neth1 weight 5\n}",
    becomes: { track: [{ interface: "eth1", weight: 5 }] },
  },
  {
    lines: "priority 255\ntrack_interface {\neth1 weight 5\neth2\n}",
    becomes: { track: [{ interface: "eth2" }] },
    findings: [/a weight does not move the priority 255, so "eth1" is not tracked/],
  },
  {
    lines: "track_interface {\neth0\neth0 weight 0\n}",
    becomes: { track: undefined },
    findings: [/own interface, whose failure means fault; there/, /"eth0" stands above already/],
  },
  {
    lines: "track_interface {\neth0 weight 0\n}",
    becomes: { track: undefined },
    findings: [/own interface, whose failure means fault; there/],
  },
  {
    lines: "track_interface {\neth1\neth1\n}",
    becomes: { track: [{ interface: "eth1" }] },
    findings: [/"eth1" stands above already/],
  },
  {
    lines: "track_interface {\neth1 weight 20 reverse\n}",
    becomes: { track: [{ interface: "eth1", weight: 20, reverse: true }] },
  },
];

for (const { lines, global = "", becomes, file = {}, findings = [] } of CASES) {
  const name = [global, lines].filter((part) => part !== "").join("; ").replaceAll("\n", "; ");
  Deno.test(`${name || "nothing"} becomes what it means`, async () => {
    const before = global === "" ? "" : `global_defs {\n${global}\n}\n`;
    const { yaml, findings: found } = await importText(before + instanceWith(lines));
    const said = told(found).filter((line) => !/: state: each node starts/.test(line));
    assert.equal(said.length, findings.length, said.join("\n"));
    for (const [index, pattern] of findings.entries()) assert.match(said[index]!, pattern);
    const data = parse(yaml!) as { instances: Record<string, unknown>[] };
    const instance = data.instances[0]!;
    for (const [key, value] of Object.entries(becomes)) assert.deepEqual(instance[key], value, key);
    for (const [key, value] of Object.entries(file)) {
      assert.deepEqual((data as unknown as Record<string, unknown>)[key], value, key);
    }
  });
}

const ADDRESSES: readonly [
  name: string,
  lines: string,
  addresses: readonly unknown[],
  says?: RegExp,
][] = [
  [
    "a link-local one of adverts goes to the beginning",
    "virtual_ipaddress {\n2001:db8::1/64\nfe80::1/64\n2001:db8::2/64\n}",
    ["fe80::1/64", "2001:db8::1/64", "2001:db8::2/64"],
    /fe80::1\/64: it becomes the first address/,
  ],
  [
    "a link-local one is the first already",
    "virtual_ipaddress {\nfe80::1/64\n2001:db8::1/64\nfe80::2/64\n}",
    ["fe80::1/64", "2001:db8::1/64", "fe80::2/64"],
  ],
  [
    "a link-local one that no advert names stays where it is",
    "virtual_ipaddress_excluded {\n10.0.0.2/24\nfe80::1/64\n}\nvirtual_ipaddress {\n10.0.0.1/24\n}",
    [
      "10.0.0.1/24",
      { address: "10.0.0.2/24", advertise: false },
      { address: "fe80::1/64", advertise: false },
    ],
  ],
  [
    "one of another family than the first is left out",
    "virtual_ipaddress {\n10.0.0.1/24\n2001:db8::1/64\n10.0.0.2/24\n}",
    ["10.0.0.1/24", "10.0.0.2/24"],
    /2001:db8::1\/64: adverts name addresses of one family/,
  ],
];

for (const [name, lines, addresses, says] of ADDRESSES) {
  Deno.test(`addresses: ${name}`, async () => {
    const text = `vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 10\n${lines}\n}\n`;
    const { yaml, findings } = await importText(text);
    const said = told(findings);
    assert.equal(said.length, says === undefined ? 0 : 1, said.join("\n"));
    if (says !== undefined) assert.match(said[0]!, says);
    const data = parse(yaml!) as { instances: { addresses: unknown[]; version: number }[] };
    assert.deepEqual(data.instances[0]!.addresses, addresses);
  });
}

Deno.test("without addresses in its adverts an instance has the family of their source or destination", async () => {
  const versionOf = async (lines: string) => {
    const text = `vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 10\n${lines}\n}\n`;
    const { yaml } = await importText(text);
    return (parse(yaml!) as { instances: { version: number }[] }).instances[0]!.version;
  };
  assert.equal(await versionOf("unicast_src_ip fe80::2\nunicast_peer {\nfe80::3\n}"), 3);
  assert.equal(await versionOf("unicast_peer {\nfe80::3\n}"), 3);
  assert.equal(await versionOf("unicast_peer {\n10.0.0.3\n}"), 2);
  assert.equal(await versionOf("virtual_ipaddress_excluded {\nfe80::1/64\n}"), 2);
});
