/** The facts of a verdict, as an instance of this node and the words of its peers give them. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { Instance } from "../../../src/node/instance/instance.ts";
import { KnownPeer, type OwnFacts, pairView } from "../../../src/node/pair/pair_facts.ts";
import { instanceConfig, tracked } from "../../../src/sim/cluster.ts";
import { configSettings } from "../../../src/status/peer/config_settings.ts";
import type { PairView } from "../../../src/status/pair/view.ts";
import { examplePeer } from "./example_peer.ts";

const MASTER_DOWN_MS = 3600;
const MASTER = { address: "192.168.31.12", priority: 150 };
const WALL_MS = Date.UTC(2026, 2, 1, 10);

interface Changes {
  readonly config?: Partial<InstanceConfig>;
  readonly state?: string;
  readonly ageMs?: number;
  readonly advertsBlocked?: string;
  readonly masterSeen?: object | null;
  readonly primaryAddress?: string | null;
  readonly complete?: boolean;
  readonly weighted?: readonly object[];
  readonly together?: readonly Partial<InstanceConfig>[];
  readonly facts?: Partial<OwnFacts>;
}

/** What is known of this instance, a backup that has heard the master but for the changes. */
function view(changes: Changes = {}, peers: readonly KnownPeer[] = []): PairView {
  const { state = "backup", ageMs = 60_000, advertsBlocked = null, masterSeen = MASTER } = changes;
  const { primaryAddress = "192.168.31.11", complete = true, weighted = [] } = changes;
  const config = instanceConfig(changes.config);
  const instance = {
    ...{ config, settings: configSettings(config), override: null, advertsBlocked },
    router: {
      ...{ state, handingOver: false, masterSeen, masterDownIntervalMs: MASTER_DOWN_MS },
      advertsMissing: (nowMs: number) => nowMs === 13,
    },
    log: { transition: { atMs: WALL_MS - ageMs } },
    conditions: {
      priority: { effective: 90, reasons: [{ what: "check a", change: -10 }] },
      ...{ primaryAddress, faults: ["a fault"], weighted },
    },
    resources: {
      addresses: { complete, status: () => [{ address: "192.168.31.5", held: false }] },
    },
    together: (changes.together ?? [changes.config ?? {}]).map((it) => ({
      config: instanceConfig(it),
    })),
  };
  return pairView(instance as unknown as Instance, peers, {
    ...{ node: "lb01", stray: null, conflict: null, droppedBy: null, nowMs: 0, wallMs: WALL_MS },
    ...{ peerAt: (address) => address === MASTER.address ? "lb02" : null },
    ...{ clientCheck: null, clientUnknown: null },
    ...changes.facts,
  });
}

Deno.test("a node may not have heard a master yet for a second more than it takes to become one", () => {
  const rows: readonly (readonly [string, Changes, boolean])[] = [
    ["init", { state: "init", ageMs: 0 }, true],
    ["backup", { ageMs: 0 }, true],
    ["backup for nearly so long", { ageMs: MASTER_DOWN_MS + 999 }, true],
    ["backup for so long", { ageMs: MASTER_DOWN_MS + 1000 }, false],
    ["a clock that was set back", { ageMs: -1 }, false],
    ["adverts that do not leave", { ageMs: 0, advertsBlocked: "EPERM" }, false],
    ["master", { state: "master", ageMs: 0 }, false],
    ["in fault", { state: "fault", ageMs: 0 }, false],
  ];
  for (const [what, changes, starts] of rows) assert.equal(view(changes).starting, starts, what);
});

Deno.test("a master begins as long as the words of its peers may be older", () => {
  const rows = [["master", 1999, true], ["master", 2000, false], ["backup", 0, false]] as const;
  for (const [state, ageMs, begins] of rows) assert.equal(view({ state, ageMs }).begins, begins);
});

Deno.test("a backup hears a peer if it knows the address of its master", () => {
  const rows: readonly (readonly [Changes, string | null])[] = [
    [{}, "lb02"],
    [{ masterSeen: { ...MASTER, address: "192.168.31.13" } }, null],
    [{ masterSeen: null }, null],
    [{ state: "fault" }, null],
    [{ state: "master" }, null],
  ];
  for (const [changes, peer] of rows) assert.equal(view(changes).heardPeer, peer);
});

Deno.test("a master that has an address is the master itself, and any other is the one that was heard", () => {
  const own = { address: "192.168.31.11", priority: 90 };
  const rows: readonly (readonly [Changes, object | null])[] = [
    [{ state: "master" }, own],
    [{ state: "master", primaryAddress: null }, MASTER],
    [{}, MASTER],
    [{ masterSeen: null }, null],
  ];
  for (const [changes, master] of rows) {
    assert.deepEqual(view(changes).own.instance.master, master);
  }
});

Deno.test("what is known of an instance is a fact, and what is not is none", () => {
  const bare = view().own.instance;
  const optional = [
    ...["adverts_missing", "adverts_blocked", "adverts_dropped_by", "addresses_missing"],
    ...["client_check", "client_check_unknown", "address_on_backup", "address_conflict"],
  ];
  assert.deepEqual(optional.filter((key) => key in bare), []);
  assert.deepEqual([bare.priority, bare.lowered_by, bare.faults, bare.override], [
    ...[{ configured: 100, effective: 90 }, ["check a"], ["a fault"], null],
  ]);
  const stray = { address: "192.168.31.5", device: "eth1" };
  const droppedBy = { rule: "a", command: "del a" };
  const conflict = { alarm: "address_conflict", message: "another", hint: "look" } as const;
  const clientCheck = { target: "tcp", ok: true, at: "2026", detail: "it answers" };
  const facts = { stray, droppedBy, conflict, clientCheck, clientUnknown: "not asked", nowMs: 13 };
  const full = view({ state: "master", advertsBlocked: "EPERM", complete: false, facts });
  assert.deepEqual(
    Object.fromEntries(Object.entries(full.own.instance).filter(([key]) => optional.includes(key))),
    {
      ...{ adverts_missing: true, adverts_blocked: "EPERM", adverts_dropped_by: droppedBy },
      ...{ addresses_missing: ["192.168.31.5"], address_on_backup: stray },
      ...{
        client_check: clientCheck,
        client_check_unknown: "not asked",
        address_conflict: conflict,
      },
    },
  );
});

Deno.test("the lowest priority is what remains if all that is tracked fails, where it only moves the priority", () => {
  const track = (weight?: number) => [
    tracked({ kind: "check", check: "a", ...(weight !== undefined && { weight }) }),
  ];
  const weighs = { config: { track: track(-20) } };
  const part = { what: "check a", weight: -20, reverse: false, ok: true };
  const rows: readonly (readonly [string, Changes, number | null])[] = [
    ["nothing is tracked", {}, null],
    ["a check with a weight", { ...weighs, weighted: [part] }, 80],
    ["one that counts while it is up", {
      ...weighs,
      weighted: [{ ...part, weight: 20, reverse: true }],
    }, 80],
    ["a check without", { config: { track: track() } }, null],
    ["a number", { ...weighs, weighted: [{ ...part, number: 1 }] }, null],
    [
      "another member of the group tracks one without",
      { ...weighs, weighted: [part], together: [weighs.config, { track: track() }] },
      null,
    ],
    ["only another member tracks", { weighted: [part], together: [{}, weighs.config] }, 80],
  ];
  for (const [what, changes, lowest] of rows) {
    assert.equal(view(changes).lowestPriority, lowest, what);
  }
});

Deno.test("the instance of a peer is looked up again when its word is another one", () => {
  const settings = configSettings(instanceConfig());
  const status = examplePeer({ ...settings, priority: { configured: 150, effective: 150 } });
  const first = new KnownPeer(status, undefined);
  assert.equal(first.counterpartOf(settings), status.instances[0]);
  const same = new KnownPeer({ ...status, reachable: false }, first);
  assert.equal(same.counterpartOf(settings), status.instances[0]);
  const instances = [{ ...status.instances[0]!, state: "fault" as const }];
  const other = new KnownPeer({ ...status, instances }, same);
  assert.equal(other.counterpartOf(settings), instances[0]);
  assert.equal(new KnownPeer({ ...status, instances: [] }, other).counterpartOf(settings), null);
});
