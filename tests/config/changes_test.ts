import assert from "node:assert/strict";
import { changeText, configChanges } from "../../src/config/changes.ts";
import {
  alternatives,
  configJsonSchema,
  type JsonSchema,
} from "../../src/config/schema/json_schema.ts";
import { parseValid, withCheck, withInstance, withTop } from "./support.ts";

const SECRETS = `
instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    authentication: { type: pass, password: "SECRET" }
    addresses: [192.168.31.5/24]
`;

const UNICAST = withInstance("unicast: { peers: [192.168.31.12] }");

/** Keys with their default and another value: a reload shows both, whether the file had the key before or not. */
const SWITCHES = [
  ["accept", "true", "false"],
  ["track_interface", "true", "false"],
  ["sole_backup", "auto", "true"],
  ["preempt", "true", "false"],
  ["drain", "0s", "5s"],
  ["lease", "3s", "off"],
  ["split_brain", "alarm", "yield"],
  ["multicast_group", "224.0.0.18", "224.0.0.99"],
] as const;

const CASES: readonly (readonly [
  what: string,
  before: string,
  after: string,
  shown: readonly string[],
])[] = [
  ["nothing", withInstance(), `# a comment\n${withInstance()}`, []],
  ["a number", withInstance("priority: 150"), withInstance("priority: 120"), [
    "instance VI_1: priority: 150 -> 120",
  ]],
  [
    "durations",
    withInstance("advert_interval: 1s"),
    withInstance("advert_interval: 2s", "announce: { delay: 500ms }"),
    [
      "instance VI_1: advert_interval: 1s -> 2s",
      "instance VI_1: lease: 3s -> 6s",
      "instance VI_1: announce.delay: 5s -> 500ms",
      "instance VI_1: announce.delay_lower_priority: 5s -> 500ms",
    ],
  ],
  ["addresses", withInstance(), withInstance().replace("31.5/24", "31.6/24, 192.168.31.7/24"), [
    "instance VI_1: addresses: 192.168.31.6/24 added, 192.168.31.7/24 added, 192.168.31.5/24 removed",
  ]],
  [
    "the label of an address",
    withInstance(),
    withInstance().replace(
      "[192.168.31.5/24]",
      "[{ address: 192.168.31.5/24, label: 'eth1:1' }]",
    ),
    ["instance VI_1: addresses: changed"],
  ],
  ["a password, which is not shown", SECRETS, SECRETS.replace("SECRET", "s3cr3t"), [
    "instance VI_1: authentication.password: changed",
  ]],
  ["no password any more", SECRETS, SECRETS.replace(/ {4}authentication.*\n/, ""), [
    "instance VI_1: authentication.type: pass -> none",
    "instance VI_1: authentication.password: removed",
  ]],
  ["the node's own", withTop("node: a"), withTop("node: b", "api: { listen: 127.0.0.1:9999 }"), [
    "node: a -> b",
    "api.listen: 127.0.0.1:9999 added, 127.0.0.1:9112 removed",
  ]],
  [
    "a URL, which may hold a secret",
    withCheck("type: http", "url: http://127.0.0.1/?key=one"),
    withCheck("type: http", "url: http://127.0.0.1/?key=two"),
    ["check web: url: changed"],
  ],
  ["a check that is new", withInstance(), withCheck("type: http", "url: http://127.0.0.1/"), [
    "check web: added",
  ]],
  ["a check that is gone", withCheck("type: http", "url: http://127.0.0.1/"), withInstance(), [
    "check web: removed",
  ]],
  ...SWITCHES.map(([key, from, to]) =>
    [`\`${key}\` alone`, withInstance(), withInstance(`${key}: ${to}`), [
      `instance VI_1: ${key}: ${from} -> ${to}`,
    ]] as const
  ),
  ["what has no default", withInstance(), withInstance("source_address: 192.168.31.11"), [
    "instance VI_1: source_address: 192.168.31.11 added",
  ]],
  ["a default again", withInstance("damping: { moves: 0 }"), withInstance(), [
    "instance VI_1: damping.moves: 0 -> 4",
  ]],
  ["unicast, without a word of the group", withInstance(), UNICAST, [
    "instance VI_1: unicast: added",
  ]],
  ["multicast again, without a word of the group", UNICAST, withInstance(), [
    "instance VI_1: unicast: removed",
  ]],
  ["unicast instead of a group", withInstance("multicast_group: 224.0.0.99"), UNICAST, [
    "instance VI_1: multicast_group: 224.0.0.99 removed",
    "instance VI_1: unicast: added",
  ]],
  ["a group instead of unicast", UNICAST, withInstance("multicast_group: 224.0.0.99"), [
    "instance VI_1: unicast: removed",
    "instance VI_1: multicast_group: 224.0.0.99 added",
  ]],
  ["another name", withInstance(), withInstance().replace("VI_1", "VI_2"), [
    "instance VI_2: added",
    "instance VI_1: removed",
  ]],
];

for (const [what, before, after, shown] of CASES) {
  Deno.test(`what changed: ${what}`, () => {
    const changes = configChanges(parseValid(before).config, parseValid(after).config);
    assert.deepEqual(changes.map(changeText), shown);
  });
}

const BEFORE = `
node: lb01
interfaces: { eth1: {} }
checks:
  web: { type: http, url: "http://127.0.0.1/" }
  port: { type: tcp, address: "127.0.0.1:80" }
  nginx: { type: process, process: nginx }
  gateway: { type: ping, address: 192.168.31.1 }
  own: { type: exec, command: [/bin/check] }
instances:
  - { name: VI_1, interface: eth1, vrid: 55, addresses: [192.168.31.5/24] }
  - { name: VI_2, interface: eth1, vrid: 56, version: 3, addresses: [192.168.31.6/24] }
notify:
  - { name: exec, type: exec, command: [/bin/tell] }
  - { name: hook, type: webhook, url: "https://hooks.example.org/" }
  - { name: mail, type: email, to: [ops@example.org] }
peers:
  - { name: lb02, url: "https://lb02:9112" }
`;

const AFTER = `
node: lb03
run_dir: /run/other
state_dir: /var/lib/other
start_delay: 30s
process: { realtime_priority: 10, nice: -10 }
api: { listen: "127.0.0.1:9113", read_token_file: /etc/vipd/read, local_reading: open }
interfaces: { eth1: { up_delay: 15s, down_delay: 500ms } }
checks:
  web:
    { type: http, url: "https://lb/", status: 204, body_contains: ok, host: www, server_name: www, expires_within: 14d, interval: 3s, timeout: 2s, rise: 1, fall: 1, on_fail: { command: [/bin/repair], user: www-data, timeout: 5s, attempts: 2, every: 2m } }
  port: { type: tcp, address: "[::1]:81" }
  nginx: { type: process, process: httpd, user: root, path: /usr/sbin/httpd, grace: 1s }
  gateway: { type: ping, address: 192.168.31.2, method: neighbour, interface: eth1 }
  own: { type: exec, command: [/bin/other], user: "nobody:nogroup" }
instances:
  - name: VI_1
    interface: eth2
    track_interface: false
    source_address: 192.168.31.11
    unicast: { peers: [192.168.31.12] }
    vrid: 57
    priority: 150
    advert_interval: 2s
    preempt: false
    sole_backup: true
    damping: { moves: 2, within: 1m, hold_after: 1m }
    down_timer_adverts: 4
    lease: off
    drain: 5s
    authentication: { type: pass, password: abc }
    addresses: [192.168.31.7/24]
    accept: false
    routes: [{ to: 10.1.0.0/16, via: 192.168.31.1 }]
    rules: [{ from: 192.168.31.5, table: 100, priority: 1000 }]
    track: [{ check: web, when_down: last_resort, reverse: true }, { interface: eth1, weight: 5 }]
    split_brain: yield
    announce: { delay: 1s, repeat: 2, refresh: 1m, interval: 5ms, repeat_lower_priority: 0, delay_lower_priority: 2s }
  - name: VI_2
    interface: eth1
    vrid: 56
    version: 3
    preempt_delay: 2s
    checksum: rfc9568
    virtual_mac: true
    authentication:
      { type: hmac, keys: [{ id: 1, key: "${
  "5a".repeat(32)
}" }], replay: monotonic, mode: permissive, window: 9s }
    addresses: [{ address: 192.168.31.6/24, label: "vrrp.56:x" }]
sync_groups: [{ name: SG, instances: [VI_1, VI_2] }]
notify:
  - { name: exec, type: exec, command: [/bin/other], user: nobody, timeout: 1s, arguments: false, on: [master], instances: [VI_1] }
  - { name: hook, type: webhook, url_file: /etc/vipd/url, secret_file: /etc/vipd/secret, ca_file: /etc/vipd/ca.pem, timeout: 1s, retry_for: 2h, groups: [SG] }
  - { name: mail, type: email, to: [on@example.org], from: a@example.org, server: "[::1]:587", security: tls, username: a, password_file: /etc/vipd/mail, ca_file: /etc/vipd/ca.pem, helo_name: lb, connect_timeout: 1s, retry_for: 2h }
peers:
  - { name: lb02, url: "https://lb03:9112", token_file: /etc/vipd/lb02.token }
`;

/** The part of the schema that a subject of a change has. */
const SUBJECTS: Readonly<Record<string, string>> = {
  interface: "interfaces",
  check: "checks",
  instance: "instances",
  notify: "notify",
  peer: "peers",
};

Deno.test("every key that a reload names is one of the file", () => {
  const changes = configChanges(parseValid(BEFORE).config, parseValid(AFTER).config);
  const whole = keysOf(configJsonSchema());
  const unknown = changes.filter(({ key }) => key !== "").filter(({ subject, key }) => {
    const part = subject === "" ? [] : [SUBJECTS[subject.split(" ")[0]!]!];
    return !whole.has([...part, key].join("."));
  });
  assert.deepEqual(unknown, []);
  assert.ok(changes.length > 80, `only ${changes.length} changes`);
});

Deno.test("the values of a reload are those of the file, too", () => {
  const changes = configChanges(parseValid(BEFORE).config, parseValid(AFTER).config)
    .map(changeText);
  for (
    const line of [
      "check web: status: 200-399 -> 204",
      "check web: host: www added",
      "check port: address: 127.0.0.1:80 -> [::1]:81",
      "check own: user: nobody:nogroup added",
      "check own: command: changed",
      "instance VI_1: routes: 10.1.0.0/16 via 192.168.31.1 added",
      "instance VI_1: track: { check: web, when_down: last_resort, reverse: true } added, " +
      "{ interface: eth1, weight: 5 } added",
      "instance VI_1: authentication.password: added",
      "instance VI_2: checksum: rfc5798 -> rfc9568",
      "instance VI_2: virtual_mac: false -> vrrp.56",
      "notify exec: arguments: true -> false",
      "notify hook: url: removed",
      "notify hook: url_file: added",
      "notify mail: server: 127.0.0.1:25 -> [::1]:587",
      "notify mail: username: a added",
      "notify mail: retry_for: 1h -> 2h",
      "interface eth1: up_delay: 0s -> 15s",
    ]
  ) assert.ok(changes.includes(line), `${line} is not among:\n${changes.join("\n")}`);
});

/** All keys of a schema with those above them: `instances.announce.delay`. Names of entries are left out. */
function keysOf(schema: JsonSchema, above: readonly string[] = []): ReadonlySet<string> {
  const inner = alternatives(schema).flatMap((each) => [
    ...Object.entries(each.properties ?? {}).flatMap(([key, value]) => {
      const path = [...above, key];
      return [path.join("."), ...keysOf(value, path)];
    }),
    ...(each.items ? keysOf(each.items, above) : []),
    ...(typeof each.additionalProperties === "object"
      ? keysOf(each.additionalProperties, above)
      : []),
  ]);
  return new Set(inner);
}
