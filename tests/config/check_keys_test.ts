/** Keys of checks: what they become, what goes with what, and which weights cannot move an address. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { CheckConfig } from "../../src/health/check_config.ts";
import { instance, parseValid, testWrong, withCheck, withInstance } from "./support.ts";

const CERTIFICATE = fileURLToPath(new URL("../health/tls/certificate.pem", import.meta.url));
const COMMON = { name: "web", intervalMs: 2000, timeoutMs: 1000, rise: 2, fall: 2 } as const;

/** What a kind of check has of its own. */
type OwnKeys<C> = C extends CheckConfig ? Omit<C, keyof typeof COMMON> : never;

const READ: readonly [string, readonly string[], OwnKeys<CheckConfig>][] = [
  [
    "a ping, by default an echo by the route",
    ["type: ping", "address: 192.168.31.1"],
    { type: "ping", address: "192.168.31.1", method: "echo" },
  ],
  [
    "a ping of a neighbour out of an interface",
    ["type: ping", 'address: "FE80::1"', "method: neighbour", "interface: eth1"],
    { type: "ping", address: "fe80::1", method: "neighbour", interface: "eth1" },
  ],
  ["a file", ["type: file", "path: /run/load"], { type: "file", path: "/run/load" }],
  [
    "a process of a user, an executable, with a grace",
    ["type: process", "process: nginx", "user: root", "path: /usr/sbin/nginx", "grace: 1s"],
    {
      type: "process",
      process: "nginx",
      user: "root",
      path: "/usr/sbin/nginx",
      graceMs: 1000,
    },
  ],
  [
    "an https server of an authority of one's own",
    [
      "type: http",
      "url: https://127.0.0.1/",
      `ca: ${CERTIFICATE}`,
      "server_name: www.example.org",
      "expires_within: 14d",
    ],
    {
      type: "http",
      url: "https://127.0.0.1/",
      status: { from: 200, to: 399 },
      ca: Deno.readTextFileSync(CERTIFICATE),
      serverName: "www.example.org",
      expiresWithinMs: 14 * 86_400_000,
    },
  ],
];

for (const [name, lines, expected] of READ) {
  Deno.test(`a check is read: ${name}`, () => {
    const { config, warnings } = parseValid(withCheck(...lines));
    assert.deepEqual([config.checks, warnings], [[{ ...COMMON, ...expected }], []]);
  });
}

const http = (...lines: string[]) => withCheck("type: http", "url: http://127.0.0.1/", ...lines);
const https = (...lines: string[]) => withCheck("type: http", "url: https://127.0.0.1/", ...lines);
const ping = (...lines: string[]) => withCheck("type: ping", ...lines);

testWrong([
  ["a name", ping("address: »gateway"), "invalid_address", /not an IP address/],
  ["a network", ping("address: »192.168.31.1/24"), "invalid_address", /write 192\.168\.31\.1$/],
  ["a group", ping("address: »224.0.0.18"), "address_not_usable", /multicast/],
  ["another way", ping("address: 10.0.0.1", "method: »arp"), "unknown_choice", /echo, neighbour/],
  ["no link", ping('address: »"fe80::1"'), "interface_needed", /interface: eth1/],
  ["no path", withCheck("»type: file"), "missing_key", /path/],
  ["a short path", withCheck("type: file", "path: »load"), "invalid_path", /whole path/],
  [
    "the kernel's own",
    withCheck("type: file", "path: »/proc/loadavg"),
    "invalid_path",
    /exec/,
  ],
  [
    "a user and group",
    withCheck("type: process", "process: nginx", "user: »root:root"),
    "invalid_user",
    /name or number/,
  ],
  ["a URL as name", https("server_name: »https://a/"), "invalid_target", /without scheme/],
  ["no certificate", https("ca: »/etc/passwd"), "invalid_tls", /holds no certificate/],
  ["too soon", https("expires_within: »1m"), "out_of_range", /1h to 365d/],
  ["`ca` without TLS", http(`ca: »${CERTIFICATE}`), "https_only", /ask by https/],
  ["`server_name` without TLS", http("server_name: »a"), "https_only", /remove `server_name`/],
  ["`expires_within` without TLS", http("expires_within: »14d"), "https_only", /https/],
  [
    "a key of another type",
    withCheck("type: tcp", "address: 127.0.0.1:80", "»grace: 1s"),
    "unknown_key",
    /type: process/,
  ],
]);

const CHECKS = `checks:
  a: { type: process, process: nginx }
  b: { type: tcp, address: "127.0.0.1:80" }
  f: { type: file, path: /run/load }
`;
const tracking = (priority: string, tracks: string, ...lines: string[]) =>
  `${CHECKS}${withInstance(`priority: ${priority}`, `track: [${tracks}]`, ...lines)}`;

testWrong([
  [
    "150 against 100 with -20",
    tracking("»150", "{ check: a, weight: -20 }"),
    "weight_too_small",
    /it is 130 at least.*more than 50 together/,
  ],
  [
    "several that do not reach it together",
    tracking("»150", "{ check: a, weight: -20 }, { check: b, weight: -30 }, { check: f }"),
    "weight_too_small",
    /it is 100 at least/,
  ],
  [
    "a positive one, which the other node has too",
    tracking("»150", "{ check: a, weight: 50 }"),
    "weight_too_small",
    /it is 150 at least.*100, 150 while all is well there/,
  ],
  [
    "reversed",
    tracking("»150", "{ check: a, weight: 20, reverse: true }"),
    "weight_too_small",
    /it is 130 at least/,
  ],
], "warning");

testWrong([
  [
    "a node that does not preempt",
    tracking("150", "{ check: b }, { check: a, weight: »-20 }", "preempt: false"),
    "weight_without_preempt",
    /`preempt: true`/,
  ],
], "warning");

const ENOUGH: readonly [string, string][] = [
  ["more than the distance", tracking("150", "{ check: a, weight: -51 }")],
  ["a positive one that is", tracking("150", "{ check: a, weight: 51 }")],
  ["two together", tracking("150", "{ check: a, weight: -26 }, { check: b, weight: -25 }")],
  ["a small one on the lower node", tracking("100", "{ check: a, weight: -1 }")],
  ["one of a file, which may hold anything", tracking("150", "{ check: f, weight: -1 }")],
  ["none", tracking("150", "{ check: a }", "preempt: false")],
];

for (const [name, text] of ENOUGH) {
  Deno.test(`weights without a warning: ${name}`, () => {
    assert.deepEqual(parseValid(text).warnings, []);
  });
}

Deno.test("each instance is judged by its own weights", () => {
  const text = `${CHECKS}instances:\n${instance("track: [{ check: a, weight: -60 }]")}${
    instance("name: VI_2", "vrid: 56", "addresses: [192.168.31.6/24]", "priority: 150")
  }`;
  assert.deepEqual(parseValid(text).warnings, []);
});
