/** What the standby asks as a client: what the file may say, and what vipd derives from the checks. */

import assert from "node:assert/strict";
import { clientTargets, targetText } from "../../src/config/client_target.ts";
import { parseValid, testWrong, withInstance } from "./support.ts";

testWrong([
  ["a word", withInstance("client_check: »always"), "invalid_client_check", /auto, off, tcp:443/],
  ["another protocol", withInstance("client_check: »udp:53"), "invalid_client_check", /tcp:443/],
  ["no port", withInstance("client_check: »http"), "invalid_client_check", /no question/],
  ["port 0", withInstance("client_check: »tcp:0"), "invalid_client_check", /no question/],
  ["port 65536", withInstance("client_check: »tcp:65536"), "invalid_client_check", /no question/],
  ["a number", withInstance("client_check: »443"), "wrong_type", /tcp:443/],
  ["a boolean", withInstance("client_check: »false"), "wrong_type", /`off`/],
  ["no type", withInstance("client_check: »{ port: 80 }"), "missing_key", /type/],
  ["no port", withInstance("client_check: »{ type: tcp }"), "missing_key", /port/],
  [
    "another type",
    withInstance("client_check: { type: »ping, port: 80 }"),
    "unknown_choice",
    /tcp, http/,
  ],
  [
    "a key that there is not",
    withInstance("client_check: { type: tcp, port: 80, »url: x }"),
    "unknown_key",
    /type, port, path, host/,
  ],
  [
    "a relative path",
    withInstance("client_check: { type: http, port: 80, path: »health }"),
    "invalid_client_check",
    /begins with \//,
  ],
  [
    "a path with a line end",
    withInstance('client_check: { type: http, port: 80, path: »"/a\\r\\nHost: b" }'),
    "invalid_client_check",
    /printable ASCII/,
  ],
  [
    "a host with a blank",
    withInstance('client_check: { type: http, port: 80, host: »"a b" }'),
    "invalid_client_check",
    /www\.example\.com/,
  ],
]);

/** What the instance of this configuration asks; `null` for nothing. */
function asked(checks: readonly string[], lines: readonly string[]): unknown {
  const text = withInstance(...lines);
  const list = ["checks:", ...checks.map((check) => `  ${check}`)].join("\n");
  const { config } = parseValid(checks.length === 0 ? text : `${list}\n${text}`);
  const [target] = clientTargets(config);
  if (target === undefined) return null;
  const { host } = target;
  return host === undefined ? targetText(target) : `${targetText(target)} as ${host}`;
}

const WEB = 'web: { type: http, url: "http://127.0.0.1:8080/health?key=1", host: www.example.com }';
const TLS = 'tls: { type: http, url: "https://[::1]/" }';
const PORT = 'port: { type: tcp, address: "localhost:443" }';
const BACKEND = 'backend: { type: http, url: "http://10.9.9.9/" }';
const NAMED = 'named: { type: tcp, address: "backend.example.com:80" }';
const VIP = 'vip: { type: tcp, address: "192.168.31.5:81" }';
const SOURCE = 'source: { type: http, url: "http://192.0.2.11:82/" }';
const NGINX = "nginx: { type: process, process: nginx }";
const tracks = (...names: readonly string[]) =>
  `track: [${names.map((name) => name.startsWith("{") ? name : `{ check: ${name} }`)}]`;

const DERIVED: readonly (readonly [string, readonly string[], readonly string[], string | null])[] =
  [
    ["no check", [], [], null],
    [
      "an http check of loopback",
      [WEB],
      [tracks("web")],
      "http://192.168.31.5:8080/health as www.example.com",
    ],
    ["https and IPv6", [TLS], [tracks("tls")], "https://192.168.31.5:443/ as [::1]"],
    ["a tcp check", [PORT], [tracks("port")], "tcp 192.168.31.5:443"],
    [
      "http before tcp",
      [PORT, WEB],
      [tracks("port", "web")],
      "http://192.168.31.5:8080/health as www.example.com",
    ],
    [
      "the first http check",
      [WEB, TLS],
      [tracks("tls", "web")],
      "https://192.168.31.5:443/ as [::1]",
    ],
    ["a check that is not tracked", [WEB, NGINX], [tracks("nginx")], null],
    ["a check of a backend", [BACKEND, NAMED], [tracks("backend", "named")], null],
    ["a check of the virtual address", [VIP], [tracks("vip")], "tcp 192.168.31.5:81"],
    [
      "a check of the source of the adverts",
      [SOURCE],
      [tracks("source"), "source_address: 192.0.2.11"],
      "http://192.168.31.5:82/ as 192.0.2.11:82",
    ],
    ["a reversed track", [WEB], [tracks("{ check: web, reverse: true }")], null],
    ["off", [WEB], [tracks("web"), "client_check: off"], null],
    [
      "a port that is configured",
      [WEB],
      [tracks("web"), "client_check: tcp:25"],
      "tcp 192.168.31.5:25",
    ],
    [
      "a mapping",
      [],
      ["client_check: { type: https, port: 443, path: /a, host: b }"],
      "https://192.168.31.5:443/a as b",
    ],
  ];

for (const [what, checks, lines, target] of DERIVED) {
  Deno.test(`asked as a client: ${what}`, () => assert.equal(asked(checks, lines), target));
}

Deno.test("an address that is not link-local is asked, because that needs no interface", () => {
  const { config } = parseValid(withInstance("client_check: tcp:80"));
  const [instance] = config.instances;
  const of = (...addresses: readonly string[]) =>
    clientTargets({
      ...config,
      instances: [{
        ...instance!,
        addresses: addresses.map((address) => ({ ...instance!.addresses[0]!, address })),
      }],
    }).map(targetText);
  assert.deepEqual(of("fe80::5", "2001:db8::5"), ["tcp [2001:db8::5]:80"]);
  assert.deepEqual(of("fe80::5"), []);
});
