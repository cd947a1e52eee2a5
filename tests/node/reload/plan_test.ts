import assert from "node:assert/strict";
import type { Config, InstanceConfig } from "../../../src/config/model.ts";
import { planReload } from "../../../src/node/reload_plan.ts";
import { config, instanceConfig, NGINX_CHECK } from "../../../src/sim/cluster.ts";

const BEFORE: Config = {
  ...config("lb01", {}),
  checks: [NGINX_CHECK],
  instances: [
    instanceConfig(),
    instanceConfig({ name: "VI_2", vrid: 56 }),
    instanceConfig({ name: "VI_3", vrid: 57 }),
  ],
};

/** The plan in short: `adjust VI_1`, `check nginx`. */
function planned(after: Config): string[] {
  const { needRestart, instances, checks } = planReload(BEFORE, after);
  const words = (verb: string, things: readonly { readonly name: string }[]) =>
    things.map(({ name }) => `${verb} ${name}`);
  return [
    ...needRestart.map((key) => `restart for ${key}`),
    ...words("adjust", instances.adjusted),
    ...words("replace", instances.replaced),
    ...words("add", instances.added),
    ...instances.removed.map((name) => `remove ${name}`),
    ...words("check", checks),
  ];
}

const first = (changes: Partial<InstanceConfig>): Config => ({
  ...BEFORE,
  instances: [{ ...BEFORE.instances[0]!, ...changes }, ...BEFORE.instances.slice(1)],
});

const PASSWORD = { type: "pass", password: "another" } as const;

const CASES: readonly [what: string, after: Config, plan: readonly string[]][] = [
  ["nothing", structuredClone(BEFORE), []],
  ["the order of the instances", { ...BEFORE, instances: BEFORE.instances.toReversed() }, []],
  ["the node's name", { ...BEFORE, node: "edge" }, []],
  ["peers", { ...BEFORE, peers: [{ name: "lb02", url: "http://lb02:9112" }] }, []],
  ["a sync group", { ...BEFORE, syncGroups: [{ name: "SG", instances: ["VI_1", "VI_2"] }] }, []],
  ["the priority", first({ priority: 1 }), ["adjust VI_1"]],
  ["the password", first({ authentication: PASSWORD }), ["adjust VI_1"]],
  ["the interval", first({ advertIntervalCs: 200 }), ["adjust VI_1"]],
  ["the addresses", first({ addresses: [] }), ["adjust VI_1"]],
  ["the source address", first({ sourceAddress: "192.168.31.11" }), ["adjust VI_1"]],
  ["the interface", first({ interface: "eth2" }), ["replace VI_1"]],
  ["the VRID", first({ vrid: 99 }), ["replace VI_1"]],
  ["the version", first({ version: 3, priority: 1 }), ["replace VI_1"]],
  ["the family", first({ family: "ipv6" }), ["replace VI_1"]],
  ["a virtual MAC address", first({ virtualInterface: "vrrp.55" }), ["replace VI_1"]],
  ["a name", first({ name: "VI_9" }), ["add VI_9", "remove VI_1"]],
  ["one instance less", { ...BEFORE, instances: BEFORE.instances.slice(1) }, ["remove VI_1"]],
  ["a check's settings", { ...BEFORE, checks: [{ ...NGINX_CHECK, fall: 9 }] }, ["check nginx"]],
  ["one check less", { ...BEFORE, checks: [] }, []],
  ["the run directory", { ...BEFORE, runDir: "/run/other" }, ["restart for run_dir"]],
  [
    "the state directory and the start delay",
    {
      ...BEFORE,
      stateDir: "/srv",
      startDelayMs: 1000,
      process: { realtimePriority: 10 },
    },
    ["restart for state_dir", "restart for start_delay", "restart for process"],
  ],
];

for (const [what, after, plan] of CASES) {
  Deno.test(`the plan when this changes: ${what}`, () => {
    assert.deepEqual(planned(after), plan);
  });
}
