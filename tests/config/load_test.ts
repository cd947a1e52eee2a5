/** From files to configurations. */

import assert from "node:assert/strict";
import { loadConfig, parseConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/model.ts";
import { USUAL_DAMPING } from "../../src/config/values/defaults.ts";
import { decodeConfig, FOREIGN_FILE, MAX_FILE_OCTETS } from "../../src/config/yaml/read_file.ts";
import { tracked } from "../../src/sim/cluster.ts";
import { advertisedAddresses } from "../../src/vip/addresses.ts";
import { parse, parseValid, withInstance, withTop } from "./support.ts";

const EXAMPLES = new URL("../../config/", import.meta.url);

async function loadCodes(path: string): Promise<string[]> {
  const result = await loadConfig(path, { hostname: "lb01" });
  return (result.ok ? result.warnings : result.diagnostics).map(({ code }) => code);
}

async function withFile(octets: Uint8Array, run: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeFile(path, octets);
    await run(path);
  } finally {
    await Deno.remove(path);
  }
}

const utf8 = (text: string) => new TextEncoder().encode(text);

for (const [node, priority] of [["lb01", 150], ["lb02", 100]] as const) {
  Deno.test(`the example of ${node} loads without errors`, async () => {
    const text = await Deno.readTextFile(new URL(`${node}.yaml`, EXAMPLES));
    const result = parseConfig(text, node, { hostname: "elsewhere" });
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(result.warnings, []);
    assert.equal(result.config.node, node);
    assert.equal(result.config.instances[0]?.priority, priority);
    assert.match(text, /^# yaml-language-server: \$schema=vipd\.schema\.json\n/);
  });
}

Deno.test("the two examples differ in node and priority, comments aside", async () => {
  const [one, two] = await Promise.all(
    ["lb01", "lb02"].map(async (node) =>
      (await Deno.readTextFile(new URL(`${node}.yaml`, EXAMPLES))).split("\n")
        .map((line) => line.replace(/#.*/, "").trim())
    ),
  );
  const different = one!.flatMap((line, index) => line === two![index] ? [] : [line]);
  assert.deepEqual(different, ["node: lb01", "priority: 150"]);
});

Deno.test("the smallest file has the documented defaults", () => {
  const expected: Config = {
    node: "lb01",
    api: {
      listen: [{ kind: "tcp", host: "127.0.0.1", port: 9112 }],
      hosts: [],
      tokenFile: "/run/vipd/token",
      localReading: "open",
    },
    runDir: "/run/vipd",
    stateDir: "/var/lib/vipd",
    startDelayMs: 0,
    process: {},
    interfaces: [],
    checks: [],
    instances: [{
      name: "VI_1",
      interface: "eth1",
      trackInterface: true,
      vrid: 55,
      family: "ipv4",
      multicastGroup: "224.0.0.18",
      version: 2,
      priority: 100,
      advertIntervalCs: 100,
      leaseSeconds: 3,
      downTimerAdverts: 3,
      preempt: true,
      preemptDelayMs: 0,
      soleBackup: "auto",
      damping: { moves: 4, withinMs: 600_000, holdAfterMs: 600_000 },
      drainMs: 0,
      accept: true,
      routing: [],
      authentication: { type: "none" },
      checksumForm: "pseudo_header",
      addresses: [{ address: "192.168.31.5", prefixLength: 24, device: "eth1" }],
      track: [],
      splitBrain: "alarm",
      clientCheck: "auto",
      announce: {
        delayMs: 5000,
        repeat: 5,
        refreshMs: 0,
        intervalMs: 0,
        lowerPriority: { repeat: 5, delayMs: 5000 },
      },
    }],
    syncGroups: [],
    rehearse: {
      names: [],
      except: [],
      paths: ["/"],
      warnBeforeMs: 14 * 86_400_000,
      everyMs: 900_000,
    },
    notify: [],
    peers: [],
  };
  assert.deepEqual(parseValid(withInstance()).config, expected);
});

const EVERYTHING = `node: edge-1.example
api:
  listen: ["127.0.0.1:9112", "[::1]:9112", unix:/run/vipd/api.sock]
  token_file: /etc/vipd/token
run_dir: /run/other/
start_delay: 30s
process: { realtime_priority: 10, nice: -10 }
checks:
  web: { type: http, url: "https://localhost:8443/health?q=1", interval: 500ms, status: 204,
         body_contains: ok, host: www.example.com }
  range: { type: http, url: http://127.0.0.1, timeout: 2s, status: "200-299", rise: 1, fall: 3 }
  port: { type: tcp, address: "[::1]:443" }
  nginx: { type: process, process: nginx }
  own: { type: exec, command: [/bin/check, "-v"], interval: 1m }
instances:
  - name: VI_1
    interface: eth1
    vrid: 255
    version: 3
    priority: 254
    advert_interval: 0.01
    preempt: false
    down_timer_adverts: 100
    lease: off
    checksum: rfc9568
    addresses:
      - 10.0.0.5
      - { address: 10.0.0.6/31, device: eth2, label: "eth2:x" }
    track:
      - { check: web }
      - { check: web, weight: -60 }
      - { interface: eth0 }
      - { interface: eth0, weight: 253 }
      - { check: port, reverse: true }
      - { check: port, weight: 5, reverse: true }
    split_brain: yield
    client_check: { type: https, port: 443, path: /health?q=1, host: www.example.com }
    announce: { delay: 0, repeat: 1, refresh: 1m, interval: 10ms, repeat_lower_priority: 0,
                delay_lower_priority: 1s }
  - name: VI_2
    interface: eth2
    vrid: 255
    priority: 254
    advert_interval: 255
    preempt_delay: 1000
    lease: 10m
    authentication: { type: pass, password: " #'8chr" }
    addresses: [10.0.0.7/24]
sync_groups:
  - { name: SG, instances: [VI_2, VI_1] }
peers:
  - { name: lb02, url: "https://lb02:9112/", token_file: /etc/vipd/lb02.token }
  - { name: lb03, url: unix:/run/lb03.sock }
`;

/** Keys that have tests of their own. */
const UNCHANGED = {
  trackInterface: true,
  soleBackup: "auto",
  damping: USUAL_DAMPING,
  drainMs: 0,
  accept: true,
  routing: [],
} as const;

Deno.test("every key arrives where it belongs", () => {
  const { config, warnings } = parseValid(EVERYTHING);
  // Keys that go together, but make no sense together.
  assert.deepEqual(warnings.map(({ code }) => code), ["weight_without_preempt"]);
  const common = { intervalMs: 2000, timeoutMs: 1000, rise: 2, fall: 2 };
  const expected: Config = {
    node: "edge-1.example",
    api: {
      listen: [
        { kind: "tcp", host: "127.0.0.1", port: 9112 },
        { kind: "tcp", host: "::1", port: 9112 },
        { kind: "unix", path: "/run/vipd/api.sock" },
      ],
      hosts: [],
      tokenFile: "/etc/vipd/token",
      localReading: "open",
    },
    runDir: "/run/other/",
    stateDir: "/var/lib/vipd",
    startDelayMs: 30_000,
    process: { realtimePriority: 10, nice: -10 },
    interfaces: [],
    checks: [
      {
        ...common,
        name: "web",
        type: "http",
        url: "https://localhost:8443/health?q=1",
        intervalMs: 500,
        timeoutMs: 500,
        status: { from: 204, to: 204 },
        bodyContains: "ok",
        hostHeader: "www.example.com",
      },
      {
        ...common,
        name: "range",
        type: "http",
        url: "http://127.0.0.1/",
        timeoutMs: 2000,
        rise: 1,
        fall: 3,
        status: { from: 200, to: 299 },
      },
      { ...common, name: "port", type: "tcp", host: "::1", port: 443 },
      { ...common, name: "nginx", type: "process", process: "nginx", graceMs: 0 },
      { ...common, name: "own", type: "exec", command: ["/bin/check", "-v"], intervalMs: 60_000 },
    ],
    instances: [
      {
        ...UNCHANGED,
        name: "VI_1",
        interface: "eth1",
        vrid: 255,
        family: "ipv4",
        multicastGroup: "224.0.0.18",
        version: 3,
        priority: 254,
        advertIntervalCs: 1,
        leaseSeconds: null,
        downTimerAdverts: 100,
        preempt: false,
        preemptDelayMs: 0,
        authentication: { type: "none" },
        checksumForm: "message",
        addresses: [
          { address: "10.0.0.5", prefixLength: 32, device: "eth1" },
          { address: "10.0.0.6", prefixLength: 31, device: "eth2", label: "eth2:x" },
        ],
        track: [
          tracked({ kind: "check", check: "web" }),
          tracked({ kind: "check", check: "web", weight: -60 }),
          tracked({ kind: "interface", interface: "eth0" }),
          tracked({ kind: "interface", interface: "eth0", weight: 253 }),
          tracked({ kind: "check", check: "port", reverse: true }),
          tracked({ kind: "check", check: "port", weight: 5, reverse: true }),
        ],
        splitBrain: "yield",
        clientCheck: { type: "https", port: 443, path: "/health?q=1", host: "www.example.com" },
        announce: {
          delayMs: 0,
          repeat: 1,
          refreshMs: 60_000,
          intervalMs: 10,
          lowerPriority: { repeat: 0, delayMs: 1000 },
        },
      },
      {
        ...UNCHANGED,
        name: "VI_2",
        interface: "eth2",
        vrid: 255,
        family: "ipv4",
        multicastGroup: "224.0.0.18",
        version: 2,
        priority: 254,
        advertIntervalCs: 25_500,
        leaseSeconds: 600,
        downTimerAdverts: 3,
        preempt: true,
        preemptDelayMs: 1_000_000,
        authentication: { type: "pass", password: " #'8chr" },
        checksumForm: "pseudo_header",
        addresses: [{ address: "10.0.0.7", prefixLength: 24, device: "eth2" }],
        track: [],
        splitBrain: "alarm",
        clientCheck: "auto",
        announce: {
          delayMs: 5000,
          repeat: 5,
          refreshMs: 0,
          intervalMs: 0,
          lowerPriority: { repeat: 5, delayMs: 5000 },
        },
      },
    ],
    rehearse: {
      names: [],
      except: [],
      paths: ["/"],
      warnBeforeMs: 14 * 86_400_000,
      everyMs: 900_000,
    },
    notify: [],
    syncGroups: [{ name: "SG", instances: ["VI_2", "VI_1"] }],
    peers: [
      { name: "lb02", url: "https://lb02:9112", tokenFile: "/etc/vipd/lb02.token" },
      { name: "lb03", url: "unix:/run/lb03.sock" },
    ],
  };
  assert.deepEqual(config, expected);
});

Deno.test("the token lives in run_dir, however its path ends", () => {
  const { config } = parseValid(withTop("run_dir: /run/x//"));
  assert.equal(config.api.tokenFile, "/run/x/token");
});

Deno.test("a machine without a usable host name needs a node", () => {
  for (const hostname of ["", "(none)", "a b"]) {
    const result = parseConfig(withInstance(), "f", { hostname });
    assert.ok(!result.ok);
    assert.deepEqual(result.diagnostics.map(({ code }) => code), ["no_node_name"]);
    assert.ok(parseConfig(withTop("node: x"), "f", { hostname }).ok);
  }
});

const INTERVALS: readonly [version: 2 | 3, written: string, intervalCs: number][] = [
  [2, "1s", 100],
  [2, "255s", 25_500],
  [3, "10ms", 1],
  [3, "1.5", 150],
  [3, "40.95s", 4095],
];

for (const [version, written, intervalCs] of INTERVALS) {
  Deno.test(`version ${version} advertises every ${written}`, () => {
    const { config } = parseValid(
      withInstance(`version: ${version}`, `advert_interval: ${written}`),
    );
    assert.equal(config.instances[0]?.advertIntervalCs, intervalCs);
  });
}

const LEASES: readonly [keys: readonly string[], leaseSeconds: number | null][] = [
  [[], 3],
  [["lease: auto"], 3],
  [["lease: off"], null],
  [["lease: 2"], 2],
  [["lease: 3s"], 3],
  [["down_timer_adverts: 5"], 5],
  [["down_timer_adverts: 1"], 2],
  [["advert_interval: 255"], 765],
  [["version: 3", "advert_interval: 10ms"], 2],
  [["version: 3", "advert_interval: 700ms"], 3],
  [["version: 3", "advert_interval: 40.95s"], 123],
];

for (const [keys, leaseSeconds] of LEASES) {
  Deno.test(`the lease with ${keys.join(", ") || "no keys"} is ${leaseSeconds ?? "none"}`, () => {
    assert.equal(parseValid(withInstance(...keys)).config.instances[0]?.leaseSeconds, leaseSeconds);
  });
}

Deno.test("255 addresses fit in one advertisement", () => {
  const list = Array.from({ length: 255 }, (_, n) => `10.0.${n >> 7}.${(n & 127) + 1}`);
  const { config } = parseValid(withInstance(`addresses: [${list.join(", ")}]`));
  assert.equal(config.instances[0]?.addresses.length, 255);
});

Deno.test("what does not fit in one advertisement is carried without being advertised", () => {
  const list = Array.from({ length: 257 }, (_, n) => `10.0.${n >> 7}.${(n & 127) + 1}`);
  const hidden = `{ address: ${list[3]}, advertise: false }`;
  const text = [...list.slice(0, 3), hidden, ...list.slice(4)].join(", ");
  const { config } = parseValid(withInstance(`addresses: [${text}]`));
  const { addresses } = config.instances[0]!;
  assert.equal(addresses.length, 257);
  assert.equal(advertisedAddresses(addresses).length, 255);
  const carried = addresses.filter(({ advertise }) => advertise === false);
  assert.deepEqual(carried.map(({ address }) => address), [list[3], list[256]]);
});

Deno.test("anchors and aliases work; an error behind an alias points at the anchor's text", () => {
  const text = (vrid: string) =>
    `instances:\n  - &a { name: A, interface: eth1, vrid: ${vrid}, addresses: [10.0.0.5] }\n  - *a\n`;
  const result = parse(text("300"));
  assert.ok(!result.ok);
  assert.deepEqual(
    result.diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`),
    [
      "2:16 duplicate_instance",
      "2:42 out_of_range",
      "2:42 out_of_range",
      "2:59 duplicate_address",
    ].sort(),
  );
});

Deno.test("aliases that multiply beyond reason are refused", () => {
  let text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (let n = 1; n < 9; n++) {
    text += `a${n}: &a${n} [${new Array(9).fill(`*a${n - 1}`).join(", ")}]\n`;
  }
  const result = parse(text);
  assert.ok(!result.ok);
  assert.deepEqual(result.diagnostics.map(({ code }) => code), ["yaml_syntax"]);
});

Deno.test("line ends of any system and a byte order mark are read", async () => {
  const text = `\ufeff${withInstance("vrid: 300")}`.replaceAll("\n", "\r\n");
  await withFile(utf8(text), async (path) => {
    const result = await loadConfig(path, { hostname: "lb01" });
    assert.ok(!result.ok);
    const [{ line, column, excerpt }] = result.diagnostics as [typeof result.diagnostics[0]];
    assert.deepEqual({ line, column, excerpt }, { line: 5, column: 11, excerpt: "    vrid: 300" });
  });
});

Deno.test("a file loads, its mode is looked at", async (t) => {
  const text = withInstance('authentication: { type: pass, password: "123456" }');
  await withFile(utf8(text), async (path) => {
    for (const [mode, codes] of [[0o600, []], [0o640, []], [0o644, ["config_readable"]]] as const) {
      await t.step(mode.toString(8), async () => {
        await Deno.chmod(path, mode);
        assert.ok((await loadConfig(path, { hostname: "lb01" })).ok);
        assert.deepEqual(await loadCodes(path), codes);
      });
    }
  });
  await withFile(utf8(withInstance()), async (path) => {
    await t.step("without password", async () => {
      await Deno.chmod(path, 0o644);
      assert.deepEqual(await loadCodes(path), []);
    });
  });
});

Deno.test("what is no readable file is said", async (t) => {
  const folder = await Deno.makeTempDir();
  const loop = `${folder}/loop`;
  await Deno.symlink(loop, loop);
  const pipe = `${folder}/pipe`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  const cases: readonly [string, string, string][] = [
    ["a missing file", `${folder}/absent.yaml`, "file_not_found"],
    ["a file in a file", "/dev/null/x.yaml", "file_not_found"],
    ["a folder", folder, "file_unreadable"],
    ["a link to itself", loop, "file_unreadable"],
    ["a device without end", "/dev/zero", "file_unreadable"],
    ["a pipe that nobody writes", pipe, "file_unreadable"],
  ];
  for (const [name, path, code] of cases) {
    await t.step(name, async () => assert.deepEqual(await loadCodes(path), [code]));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what is no text of a sensible size is said", async (t) => {
  const notUtf8 = new Uint8Array([...utf8("node: "), 0xe4, 0x0a]);
  await withFile(notUtf8, async (path) => {
    await t.step("Latin-1", async () => {
      const result = await loadConfig(path, { hostname: "lb01" });
      assert.ok(!result.ok);
      assert.equal(result.diagnostics[0]?.code, "file_not_utf8");
      assert.match(result.diagnostics[0]?.message ?? "", /octet 8\)/);
    });
  });
  const comment = new Uint8Array(MAX_FILE_OCTETS).fill("#".charCodeAt(0));
  await withFile(comment, async (path) => {
    await t.step("1 MiB is read", async () => {
      assert.deepEqual(await loadCodes(path), ["file_empty"]);
    });
    await Deno.writeFile(path, utf8("#"), { append: true });
    await t.step("one octet more is not", async () => {
      assert.deepEqual(await loadCodes(path), ["file_too_large"]);
    });
  });
  await t.step("a keepalived.conf is read up to 16 MiB", () => {
    const large = new Uint8Array(FOREIGN_FILE.maxOctets).fill("#".charCodeAt(0));
    assert.equal(decodeConfig(large, FOREIGN_FILE).ok, true);
    const larger = decodeConfig(new Uint8Array(FOREIGN_FILE.maxOctets + 1), FOREIGN_FILE);
    assert.equal(larger.ok ? "" : larger.problem.message, "the file is larger than 16 MiB");
  });
  await t.step("from a pipe", () => {
    assert.equal(decodeConfig(new Uint8Array(MAX_FILE_OCTETS + 1)).ok, false);
    assert.equal(decodeConfig(notUtf8).ok, false);
    assert.deepEqual(decodeConfig(utf8("a: 1")), { ok: true, value: { text: "a: 1", mode: null } });
  });
});
