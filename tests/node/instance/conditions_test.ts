/** What keeps an instance from serving, and what only lowers its rank: one cause at a time. */

import assert from "node:assert/strict";
import type { TrackConfig } from "../../../src/config/model.ts";
import type { InterfaceState } from "../../../src/host/interfaces.ts";
import type { VrrpPort } from "../../../src/host/vrrp.ts";
import type { SourceNow } from "../../../src/node/instance/adverts/advert_source.ts";
import {
  assessConditions,
  type CheckFindings,
  type Surroundings,
  trackedFindings,
} from "../../../src/node/instance/conditions.ts";
import type { LinkState } from "../../../src/node/links/link_states.ts";
import { instanceConfig, tracked } from "../../../src/sim/cluster.ts";

const OWN = "192.168.31.11";
const HAS: SourceNow = { address: OWN, problem: null };
const LOST: SourceNow = { address: OWN, problem: "it has lost its address" };
const NONE: SourceNow = { address: null, problem: "it has no address" };
const PORT = { send: () => null, expect: () => null, close: () => {} } satisfies VrrpPort;
const NO_PORT = "the port is taken";

/** The interface, its link as it counts, the source and the port; then what comes of it. */
type Row = readonly [
  interfaceIs: "up" | "down" | "absent",
  link: LinkState,
  source: SourceNow,
  port: VrrpPort | string,
  silent: boolean,
  tracked: readonly string[],
  untracked: readonly string[],
];

const DOWN = "interface eth1 is down";
const ABSENT = "interface eth1 does not exist";
const SETTLING = "interface eth1 has a carrier, but its up_delay is not over";

const ROWS: readonly Row[] = [
  ["up", "up", HAS, PORT, false, [], []],
  ["up", "up", LOST, PORT, false, [LOST.problem!], [LOST.problem!]],
  ["up", "up", NONE, PORT, true, [NONE.problem!], [NONE.problem!]],
  ["up", "up", HAS, NO_PORT, true, [NO_PORT], [NO_PORT]],
  ["up", "settling", HAS, PORT, false, [SETTLING], []],
  ["down", "down", HAS, PORT, true, [DOWN], []],
  ["down", "down", LOST, PORT, true, [DOWN], []],
  ["down", "down", HAS, NO_PORT, true, [DOWN], []],
  ["down", "up", HAS, PORT, true, [], []],
  ["down", "up", LOST, PORT, true, [LOST.problem!], []],
  ["down", "up", HAS, NO_PORT, true, [NO_PORT], []],
  ["absent", "absent", HAS, PORT, true, [ABSENT], [ABSENT]],
];

Deno.test("an instance that cannot speak on its link is silent, and says why if the link matters", () => {
  for (const [interfaceIs, link, source, port, silent, ...faults] of ROWS) {
    const surroundings = {
      host: {
        interfaceState: () => interfaceIs === "absent" ? null : { up: interfaceIs === "up" },
      },
      ports: { get: () => port },
      links: { state: () => link },
      networks: { all: [] },
      isVirtualInterface: () => false,
      held: [{ what: "held", most: 1 }],
    } as unknown as Surroundings;
    for (const [index, trackInterface] of [true, false].entries()) {
      const config = instanceConfig({ trackInterface, priority: 150 });
      const found = assessConditions(config, null, surroundings, source);
      const what = `${interfaceIs}, ${link}, ${source.problem}, ${port}, ${trackInterface}`;
      assert.deepEqual(found.faults, faults[index], what);
      assert.equal(found.linkFault, faults[index]!.length > 0, what);
      assert.equal(found.silent, silent, what);
      assert.equal(found.primaryAddress, source.address);
      assert.deepEqual(found.limits, [{ what: "held", most: 1 }]);
      assert.equal(found.priority.effective, 1);
    }
  }
});

Deno.test("what is wrong with a device that it needs is a fault, but none of its own link", () => {
  const surroundings = {
    host: { interfaceState: () => ({ up: true }) as InterfaceState },
    ports: { get: () => PORT },
    links: { state: (name: string) => name === "eth1" ? "up" : "down" },
    networks: { all: [] },
    isVirtualInterface: () => false,
    held: [],
  } as unknown as Surroundings;
  const addresses = [{ address: "10.0.0.5", prefixLength: 24, device: "eth0" }];
  const found = assessConditions(instanceConfig({ addresses }), null, surroundings, HAS);
  const why = "interface eth0, which is to carry a virtual address, is down";
  assert.deepEqual([found.faults, found.linkFault], [[why], false]);
});

/** By name: the verdict, what its file holds, and what it found last. */
const CHECKS: Readonly<
  Record<string, readonly ["up" | "down" | "unknown", number | null, string]>
> = {
  well: ["up", null, "HTTP 200"],
  dead: ["down", null, "refused"],
  new: ["unknown", null, ""],
  zero: ["up", 0, "0"],
  seven: ["up", 7, "7"],
  unread: ["down", 7, "it is gone"],
};

const findings: CheckFindings = {
  verdict: (name) => CHECKS[name]![0],
  number: (name) => CHECKS[name]![1],
  detail: (name) => CHECKS[name]![2],
};

type More = Partial<Pick<TrackConfig, "weight" | "whenDown" | "reverse">>;

Deno.test("what it tracks is a fault, a last resort, a weight, or not known yet", () => {
  const check = (name: string, more: More = {}) => tracked({ ...more, kind: "check", check: name });
  const link = (name: string, more: More = {}) =>
    tracked({ ...more, kind: "interface", interface: name });
  const REVERSE = { reverse: true } as const;
  const LAST = { whenDown: "last_resort" } as const;
  const part = (name: string, ok: boolean | null, more: object = {}) => ({
    weighted: [{ what: `check ${name}`, weight: -30, reverse: false, ok, ...more }],
  });
  const lastResort = (what: string, why: string) =>
    ({
      unwell: [why],
      limits: [{ what, most: 2 }],
    }) as const;
  const rows: readonly (readonly [TrackConfig, Partial<ReturnType<typeof trackedFindings>>])[] = [
    [check("well"), {}],
    [check("dead"), { faults: ["check dead is down: refused"] }],
    [check("new"), { pending: ["check new has no result yet"] }],
    [check("new", REVERSE), { pending: ["check new has no result yet"] }],
    [check("well", REVERSE), { faults: ["check well is up, where it must be down: HTTP 200"] }],
    [check("dead", REVERSE), {}],
    [check("zero"), {}],
    [check("seven"), { faults: ["check seven holds 7"] }],
    [check("zero", REVERSE), { faults: ["check zero holds 0, where it must not"] }],
    [check("seven", REVERSE), {}],
    [check("unread"), { faults: ["check unread is down: it is gone"] }],
    [
      check("dead", LAST),
      lastResort("check dead is down: last resort", "check dead is down: refused"),
    ],
    [
      check("well", { ...REVERSE, ...LAST }),
      lastResort(
        "check well is up: last resort",
        "check well is up, where it must be down: HTTP 200",
      ),
    ],
    [check("new", LAST), { pending: ["check new has no result yet"] }],
    [check("well", { weight: -30 }), part("well", true)],
    [check("dead", { weight: -30 }), part("dead", false)],
    [check("seven", { weight: -30 }), part("seven", false, { number: 7 })],
    [check("new", { weight: -30 }), {
      ...part("new", null),
      pending: ["check new has no result yet"],
    }],
    [check("seven", { weight: -100 }), {
      ...part("seven", false, { weight: -100, number: 7 }),
      faults: ["check seven holds 7: times -100 it is less than -253"],
    }],
    [link("eth1"), {}],
    [link("eth9"), { faults: ["tracked interface eth9 is down or does not exist"] }],
    [link("eth1", REVERSE), { faults: ["tracked interface eth1 is up, where it must be down"] }],
    [link("eth9", REVERSE), {}],
    [
      link("eth9", LAST),
      lastResort(
        "interface eth9 is down: last resort",
        "tracked interface eth9 is down or does not exist",
      ),
    ],
  ];
  for (const [track, expected] of rows) {
    const found = trackedFindings(instanceConfig({ track: [track] }), {
      links: { state: (name) => name === "eth1" ? "up" : "settling" },
      checks: findings,
    });
    assert.deepEqual(
      found,
      { faults: [], unwell: [], pending: [], weighted: [], limits: [], ...expected },
      JSON.stringify(track),
    );
  }
});
