import assert from "node:assert/strict";
import { changeText, configChanges } from "../../src/config/changes.ts";
import { parseValid, withCheck, withInstance, withTop } from "./support.ts";

const SECRETS = `
instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    authentication: { type: pass, password: "SECRET" }
    addresses: [192.168.31.5/24]
`;

const CASES: readonly [what: string, before: string, after: string, told: readonly string[]][] = [
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
  ["a password, which is not told", SECRETS, SECRETS.replace("SECRET", "s3cr3t"), [
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
  ["another name", withInstance(), withInstance().replace("VI_1", "VI_2"), [
    "instance VI_2: added",
    "instance VI_1: removed",
  ]],
];

for (const [what, before, after, told] of CASES) {
  Deno.test(`what changed: ${what}`, () => {
    const changes = configChanges(parseValid(before).config, parseValid(after).config);
    assert.deepEqual(changes.map(changeText), told);
  });
}
