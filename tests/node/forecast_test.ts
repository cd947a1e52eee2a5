/** What instances would be under another configuration, and whether anybody is left to serve then. */

import assert from "node:assert/strict";
import type { ProbeResult } from "../../src/health/check.ts";
import type { Config } from "../../src/config/model.ts";
import {
  findingsOf,
  forecast,
  type InstanceForecast,
  leftToNobody,
} from "../../src/node/forecast.ts";
import type { CheckFindings } from "../../src/node/instance/conditions.ts";
import { config, instanceConfig, tracked, VIP } from "../../src/sim/cluster.ts";
import type { InstanceStatus, NodeStatus, PeerStatus } from "../../src/status/status.ts";
import { electedPair } from "./elected_pair.ts";
import { knownPair } from "./pair/known_pair.ts";

const RESULT: ProbeResult = { ok: true, detail: "HTTP 200", tookMs: 3 };
const NOBODY_KNOWS: CheckFindings = {
  verdict: () => "unknown",
  number: () => null,
  detail: () => "",
};

Deno.test("a check is as its first result says, and as the running one does where it has none", () => {
  const running = {
    checks: [
      { name: "runs", state: "down", number: 7, last: { detail: "refused" } },
      { name: "both", state: "down", number: 7, last: { detail: "refused" } },
      { name: "up", state: "up", number: 8, last: { detail: "HTTP 200" } },
      { name: "new", state: "unknown", last: null },
    ],
  } as unknown as NodeStatus;
  const first = new Map<string, ProbeResult | null>([
    ["both", { ...RESULT, number: 9 }],
    ["fails", { ...RESULT, ok: false, detail: "no answer", number: 9 }],
    ["plain", RESULT],
    ["late", null],
  ]);
  const expected: readonly (readonly [string, string, number | null, string])[] = [
    ["runs", "down", 0, "refused"],
    ["both", "up", 9, "HTTP 200"],
    ["up", "up", 8, "HTTP 200"],
    ["new", "unknown", null, ""],
    ["fails", "down", 0, "no answer"],
    ["plain", "up", null, "HTTP 200"],
    ["late", "unknown", null, ""],
    ["nobody has it", "unknown", null, ""],
  ];
  const findings = findingsOf(first, running);
  assert.deepEqual(
    expected.map(([name]) => [
      ...[name, findings.verdict(name), findings.number(name), findings.detail(name)],
    ]),
    expected,
  );
  assert.equal(findingsOf(first, null).verdict("runs"), "unknown");
});

Deno.test("the members of a sync group fail together, each with its own fault or the first of another", () => {
  const { lb01 } = electedPair();
  const [dead, gone] = ["eth8", "eth9"].map((name) =>
    tracked({ kind: "interface", interface: name })
  );
  const instances = [
    instanceConfig({ name: "A" }),
    instanceConfig({ name: "B", track: [dead!, gone!] }),
    instanceConfig({ name: "C", track: [gone!] }),
    instanceConfig({ name: "D" }),
    instanceConfig({ name: "E", track: [gone!] }),
    ...["F", "G", "H"].map((name) => instanceConfig({ name })),
  ];
  const after: Config = {
    ...config("lb01", {}),
    instances,
    syncGroups: [
      { name: "SG_1", instances: ["A", "B", "C"] },
      { name: "SG_2", instances: ["D", "E"] },
      { name: "SG_3", instances: ["F", "G"] },
    ],
  };
  const lost = (name: string) => `tracked interface ${name} is down or does not exist`;
  assert.deepEqual(
    forecast(after, { host: lb01.host, checks: NOBODY_KNOWS }).map(({ name, faults }) => [
      ...[name, ...faults],
    ]),
    [
      ["A", `B of its sync group SG_1 is in fault: ${lost("eth8")}`],
      ["B", lost("eth8"), lost("eth9")],
      ["C", lost("eth9")],
      ["D", `E of its sync group SG_2 is in fault: ${lost("eth9")}`],
      ["E", lost("eth9")],
      ...[["F"], ["G"], ["H"]],
    ],
  );
});

Deno.test("the own link is a fault where it is tracked, or not there at all", () => {
  const { lb01 } = electedPair();
  const down = { enabled: false, up: false };
  const cases: readonly (readonly [boolean, typeof down | null, readonly string[]])[] = [
    [true, down, ["interface eth9 is down"]],
    [true, { enabled: true, up: false }, ["interface eth9 has no carrier"]],
    [true, { enabled: true, up: true }, []],
    [true, null, ["interface eth9 does not exist"]],
    [false, down, []],
    [false, null, ["interface eth9 does not exist"]],
  ];
  for (const [trackInterface, state, faults] of cases) {
    lb01.host.setOther("eth9", state);
    const after = config("lb01", { interface: "eth9", trackInterface, addresses: [] });
    const [found] = forecast(after, { host: lb01.host, checks: NOBODY_KNOWS });
    assert.deepEqual(found!.faults, faults, `${trackInterface} ${JSON.stringify(state)}`);
  }
});

Deno.test("the link that is to carry an address is a fault while it is not up", () => {
  const { lb01 } = electedPair();
  const after = config("lb01", { addresses: [{ ...VIP, device: "eth9" }] });
  const what = "interface eth9, which is to carry a virtual address,";
  const rows = [[true, []], [false, [`${what} is down`]]] as const;
  for (const [up, faults] of rows) {
    lb01.host.setOther("eth9", { enabled: up, up });
    const [found] = forecast(after, { host: lb01.host, checks: NOBODY_KNOWS });
    assert.deepEqual(found!.faults, faults);
  }
});

Deno.test("left to nobody is what serves or could serve now, would fail, and nobody else takes", () => {
  const { lb01, lb02 } = knownPair();
  const able = lb01.daemon!.status().peers;
  const unable = able.map((peer): PeerStatus => ({ ...peer, instances: [] }));
  const master = lb01.status;
  const backup = { ...lb02.status, master: null };
  const fault: InstanceForecast = { name: "VI_1", faults: ["a fault"], unwell: [] };
  const cases: readonly (readonly [
    string,
    boolean,
    InstanceForecast,
    InstanceStatus,
    readonly PeerStatus[],
  ])[] = [
    ["a master without another node", true, fault, master, []],
    ["a master, no other node is able", true, fault, master, unable],
    ["a master, another node is able", false, fault, master, able],
    ["it would run", false, { ...fault, faults: [] }, master, []],
    ["it is new", false, { ...fault, name: "VI_2" }, master, []],
    ["it is in fault now", false, fault, { ...master, state: "fault" }, []],
    ["it begins", false, fault, { ...master, state: "init" }, []],
    ["it has a fault", false, fault, { ...master, faults: ["another"] }, []],
    ["a backup whose master is known", false, fault, lb02.status, []],
    ["a backup whose master is not known", true, fault, backup, []],
    ["a master that knows itself", true, fault, {
      ...master,
      master: { address: "192.168.31.11", priority: 150 },
    }, []],
  ];
  for (const [what, isLeft, one, instance, peers] of cases) {
    const status = { ...lb01.daemon!.status(), instances: [instance], peers: [...peers] };
    assert.deepEqual(leftToNobody([one], status), isLeft ? [one] : [], what);
  }
});
