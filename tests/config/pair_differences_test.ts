/** Two configurations of a pair compared, and what is shown of one. */

import assert from "node:assert/strict";
import { effectiveConfig, SHOWN_KEYS } from "../../src/config/effective.ts";
import { instanceWords } from "../../src/config/file_words.ts";
import { snakeCase } from "../../src/config/changes.ts";
import { differenceLine, pairDifferences } from "../../src/config/pair_differences.ts";
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
    .map((one) => differenceLine(one, "lb02"));

Deno.test("no secret is shown", () => {
  const text = JSON.stringify(of(LB01));
  const secrets = [
    ...["the-pass", "abababab", "url-path", "url-query", "exec-argument"],
    ...["on-fail-argument", "hook-path", "notify-argument", "token-file"],
    ...["rehearse-path", "client-path"],
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

Deno.test("every key of an instance is shown, or is a secret that is known to be one", () => {
  const [pass] = parseValid(LB01).config.instances;
  const known = new Set<string>([...SHOWN_KEYS.instance, "name", "authentication", "client_check"]);
  const keys = Object.keys(instanceWords(pass!)).map(snakeCase);
  assert.deepEqual(keys.filter((key) => !known.has(key)), []);
});

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
    "no password": [/ {4}authentication: {.*\n/, "", /authentication.type: pass here, none on/],
    "another key's number": ["id: 1", "id: 2", /authentication.keys: 1 here, 2 on lb02/],
    "no preemption": [/vrid: 55/, "vrid: 55\n    preempt: false", /preempt: true here, false/],
    "one instance less": [
      /sync_groups.*\n|( {2}- name: VI_2[^]*)/g,
      "",
      /^instance VI_2: configured here, none on lb02$/,
    ],
    "the same name": ["node: lb02", "node: lb01", /^node: lb01 on both$/],
    "the same priority": [
      /priority: 100/,
      "priority: 150",
      /^instance VI_1: priority: 150 on both$/,
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
