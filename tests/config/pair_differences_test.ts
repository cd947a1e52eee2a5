/** Two configurations of a pair compared, and what is shown of one. */

import assert from "node:assert/strict";
import { effectiveConfig, SHOWN_KEYS } from "../../src/config/effective.ts";
import { AGREED_KEYS } from "../../src/vrrp/agreement.ts";
import { differenceLine, pairDifferences } from "../../src/config/pair_differences.ts";
import {
  alternatives,
  configJsonSchema,
  type JsonSchema,
} from "../../src/config/schema/json_schema.ts";
import { parseValid } from "./support.ts";

const LB01 = `node: lb01
checks:
  site: { type: http, url: "https://127.0.0.1/url-path?url-query", interval: 2s }
  script: { type: exec, command: [/bin/true, exec-argument], user: nobody }
  back: { type: tcp, address: "127.0.0.1:80", on_fail: [/bin/sh, on-fail-argument] }
notify:
  - { type: webhook, name: hook, url: "https://hooks.example.org/hook-path" }
  - { type: exec, name: script, command: [/bin/true, notify-argument] }
  - { type: email, name: mail, to: [a@example.org], from: b@example.org, server: mx.example.org }
peers: [{ name: lb02, url: "http://127.0.0.2:9112", token_file: /etc/vipd/token-file }]
rehearse: { names: [a.example.org], paths: [/rehearse-path], warn_before: 14d }
sync_groups: [{ name: SG_1, instances: [VI_1, VI_2] }]
instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    priority: 150
    version: 2
    authentication: { type: pass, password: "the-pass" }
    addresses: [192.168.31.5/24]
    track: [{ check: site, weight: -60 }]
    client_check: { type: http, port: 8443, path: /client-path }
  - name: VI_2
    interface: eth1
    vrid: 56
    priority: 150
    version: 3
    authentication:
      type: hmac
      keys: [{ id: 1, key: "${"ab".repeat(32)}" }]
    addresses: [192.168.31.6/24]
`;
const LB02 = LB01.replace("node: lb01", "node: lb02").replaceAll("priority: 150", "priority: 100");

const of = (text: string) => effectiveConfig(parseValid(text).config);
const lines = (here: string, there: string, kind: string) =>
  pairDifferences(of(here), of(there)).filter((one) => one.kind === kind)
    .map((one) => differenceLine(one, "on lb02"));

Deno.test("no secret is shown", () => {
  const text = JSON.stringify(of(LB01));
  const secrets = [
    ...["the-pass", "abababab", "url-path", "url-query", "exec-argument"],
    ...["on-fail-argument", "hook-path", "notify-argument", "token-file"],
    ...["rehearse-path", "client-path", "a@example.org", "b@example.org"],
  ];
  for (const secret of secrets) assert.ok(!text.includes(secret), secret);
  for (
    const open of [
      "https://127.0.0.1",
      "/bin/true",
      "/bin/sh",
      "http://127.0.0.2:9112",
      "http:8443",
      "a.example.org",
    ]
  ) {
    assert.ok(text.includes(open), open);
  }
});

/** The keys of the file that are not in {@link SHOWN_KEYS}, each with its reason. */
const NOT_LISTED: Readonly<Record<keyof typeof SHOWN_KEYS, Readonly<Record<string, string>>>> = {
  settings: {
    ...listed("a part of its own", "interfaces checks instances sync_groups notify peers"),
    ...listed("its keys are listed", "rehearse api"),
  },
  api: {
    listen: "shown as `listen`",
    ...listed("a file's name", "tls token_file read_token_file"),
    allow_plaintext: "the addresses say more",
  },
  instance: {
    name: "the name of the part",
    authentication: "its keys are listed",
    client_check: "shown without its path and host",
  },
  authentication: {
    password: "secret",
    keys: "shown by their numbers",
  },
  rehearse: { except: "names of this node alone", paths: "may hold a secret" },
  check: {
    on_fail: "its keys are listed",
    command: "shown as `program`, without arguments",
    url: "shown without user, path and query",
    body_contains: "may hold a secret",
    ca: "certificates",
  },
  on_fail: { command: "shown as `on_fail.program`, without arguments" },
  notify: {
    name: "the name of the part",
    command: "may hold a secret",
    url: "may hold a secret",
    ...listed("a file's name", "url_file secret_file ca_file password_file"),
    ...listed("people and accounts", "to from username"),
    helo_name: "this machine's name",
  },
};

function listed(reason: string, keys: string): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.split(" ").map((key) => [key, reason]));
}

/** All keys of this part of the schema, of whatever type it is. */
function schemaKeys(...path: readonly string[]): string[] {
  const schemas = path.reduce<readonly JsonSchema[]>(
    (parts, key) =>
      parts.flatMap((part) => {
        const inner = part.properties?.[key] ?? [];
        return [inner].flat().flatMap(alternatives).flatMap((one) =>
          [
            one.items ??
              (typeof one.additionalProperties === "object" ? one.additionalProperties : one),
          ].flatMap(alternatives)
        );
      }),
    [configJsonSchema()],
  );
  return [...new Set(schemas.flatMap(({ properties = {} }) => Object.keys(properties)))];
}

const SCHEMA_PATHS: Readonly<Record<keyof typeof SHOWN_KEYS, readonly string[]>> = {
  settings: [],
  api: ["api"],
  instance: ["instances"],
  authentication: ["instances", "authentication"],
  rehearse: ["rehearse"],
  check: ["checks"],
  on_fail: ["checks", "on_fail"],
  notify: ["notify"],
};

for (const part of Object.keys(SHOWN_KEYS) as (keyof typeof SHOWN_KEYS)[]) {
  Deno.test(`every key of the schema is shown or has a reason not to be: ${part}`, () => {
    const known = [...SHOWN_KEYS[part], ...Object.keys(NOT_LISTED[part])];
    assert.deepEqual(schemaKeys(...SCHEMA_PATHS[part]).sort(), known.sort());
  });
}

Deno.test("a pair differs in what each node has of its own", () => {
  assert.deepEqual(lines(LB01, LB02, "breaks"), []);
  assert.deepEqual(lines(LB01, LB02, "differs"), []);
  assert.deepEqual(lines(LB01, LB02, "expected"), [
    "node: lb01 here, lb02 on lb02",
    "instance VI_1: priority: 150 here, 100 on lb02",
    "instance VI_2: priority: 150 here, 100 on lb02",
  ]);
});

const BREAKS: Readonly<Record<string, readonly [from: string | RegExp, to: string, line: RegExp]>> =
  {
    "another VRID": [/vrid: 55/, "vrid: 57", /^instance VI_1: vrid: 55 here, 57 on lb02$/],
    "another version": [/version: 3/, "version: 2", /VI_2: version: 3 here, 2 on lb02/],
    "another address": ["31.5/24", "31.9/24", /VI_1: addresses: 192.168.31.5\/24 here, .*31.9/],
    "another interval": [/vrid: 55/, "vrid: 55\n    advert_interval: 2s", /1s here, 2s on lb02/],
    "another multicast group": [
      /vrid: 55/,
      "vrid: 55\n    multicast_group: 224.0.0.99",
      /^instance VI_1: multicast_group: 224.0.0.18 here, 224.0.0.99 on lb02$/,
    ],
    "unicast there alone": [
      /vrid: 55/,
      "vrid: 55\n    unicast: { peers: [192.168.31.11] }",
      /^instance VI_1: multicast_group: 224.0.0.18 here, none on lb02$/,
    ],
    "no password": [/ {4}authentication: {.*\n/, "", /authentication.type: pass here, none on/],
    "another key's number": ["id: 1", "id: 2", /authentication.keys: 1 here, 2 on lb02/],
    "no preemption": [/vrid: 55/, "vrid: 55\n    preempt: false", /preempt: true here, false/],
    "one instance less": [
      /sync_groups.*\n|( {2}- name: VI_2[^]*)/g,
      "",
      /^instance VI_2: configured here, none on lb02$/,
    ],
    "the same name": ["node: lb02", "node: lb01", /^node: lb01 on both nodes$/],
    "the same priority": [
      /priority: 100/,
      "priority: 150",
      /^instance VI_1: priority: 150 on both nodes$/,
    ],
  };

for (const [what, [from, to, line]] of Object.entries(BREAKS)) {
  Deno.test(`two nodes are no pair with ${what}`, () => {
    const found = lines(LB01, LB02.replace(from, to), "breaks");
    assert.ok(found.some((one) => line.test(one)), found.join("\n"));
  });
}

Deno.test("what else differs may be on purpose: checks, tracks, delays", () => {
  const other = LB02.replace("interval: 2s", "interval: 5s").replace("weight: -60", "weight: -90");
  assert.deepEqual(lines(LB01, other, "breaks"), []);
  assert.deepEqual(lines(LB01, other, "differs"), [
    "check site: interval: 2s here, 5s on lb02",
    "instance VI_1: track: { check: site, weight: -60 } here, { check: site, weight: -90 } on lb02",
  ]);
});

Deno.test("what else differs may be on purpose: the receivers of notifications, reading without a token", () => {
  const other = LB02.replace("server: mx.", "retry_for: 2h, server: mail.")
    .replace("node: lb02", "node: lb02\napi: { hosts: [lb02.example.org], local_reading: token }");
  assert.deepEqual(lines(LB01, other, "breaks"), []);
  assert.deepEqual(lines(LB01, other, "differs"), [
    "api.local_reading: open here, token on lb02",
    "notify mail: retry_for: 1h here, 2h on lb02",
    "notify mail: server: mx.example.org:587 here, mail.example.org:587 on lb02",
  ]);
});

Deno.test("lists in another order are the same, and one virtual router may have two names", () => {
  const two = "addresses: [192.168.31.5/24, 192.168.31.7/24]";
  const here = LB01.replace("addresses: [192.168.31.5/24]", two);
  const other = "addresses: [192.168.31.7/24, 192.168.31.5/24]";
  const there = LB02.replace("addresses: [192.168.31.5/24]", other);
  assert.deepEqual(lines(here, there, "breaks"), []);
  const renamed = LB02.replaceAll("VI_1", "WEB").replace(/sync_groups.*\n/, "");
  const plain = LB01.replace(/sync_groups.*\n/, "");
  assert.deepEqual(lines(plain, renamed, "breaks"), []);
});

Deno.test("two nodes that never preempt may have one priority", () => {
  const calm = (text: string) =>
    text.replaceAll(/priority: \d+/g, "priority: 100\n    preempt: false");
  assert.deepEqual(lines(calm(LB01), calm(LB02), "breaks"), []);
});

Deno.test("whatever the nodes must have alike is a key that is shown", () => {
  const { instances } = of(LB01);
  const shown = new Set(Object.values(instances).flatMap((words) => Object.keys(words)));
  assert.deepEqual(Object.keys(AGREED_KEYS).filter((key) => !shown.has(key)), []);
});
