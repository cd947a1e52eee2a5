/** Whether a backup may take over now, one obstacle at a time. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../src/config/model.ts";
import type { SendStall } from "../../../src/node/instance/adverts/send_stall.ts";
import { InstanceLog } from "../../../src/node/instance/instance_log.ts";
import { LinkRecovery } from "../../../src/node/instance/link_recovery.ts";
import type { GroupMember, SyncGroup } from "../../../src/node/instance/sync_group.ts";
import { type Successor, Takeover } from "../../../src/node/instance/takeover.ts";
import { ThirdRouters } from "../../../src/node/instance/third_routers.ts";
import { instanceConfig, SimCluster, VIP } from "../../../src/sim/cluster.ts";
import { Journal } from "../../../src/status/journal.ts";
import type { Override, PriorityLimit } from "../../../src/vrrp/priority.ts";
import type { TransitionReason } from "../../../src/vrrp/router_events.ts";

const MASTER = "192.168.31.12";
const STRANGER = "192.168.31.13";
const LIMIT: PriorityLimit = { what: "check site is down: last resort", most: 2 };

/** The backup lb01 of a pair, after whose construction everything may become another. */
function backup(given: Partial<InstanceConfig> = {}) {
  const { time, nodes } = new SimCluster([{}]);
  const { host } = nodes[0]!;
  const journal = new Journal(() => host.wallClockMs());
  const router = {
    state: "backup",
    masterSeen: { address: MASTER, priority: 150 },
    takeoverReason: "master_silent" as TransitionReason,
    waits: false,
    waitsToPreempt: () => router.waits,
  };
  const is = {
    limits: [] as PriorityLimit[],
    effective: 100,
    suspect: false,
    elsewhere: null as string | null,
  };
  const config = instanceConfig({ priority: 100, soleBackup: "auto", ...given });
  const instance = {
    ...{ config, router, log: new InstanceLog("web", host, journal) },
    group: null as SyncGroup | null,
    override: null as Override | null,
    get conditions() {
      return { limits: is.limits, priority: { effective: is.effective, reasons: [] } };
    },
  };
  const recovery = new LinkRecovery(host);
  const takeover = new Takeover(instance as unknown as Successor, {
    ...{ host, recovery, thirdRouters: new ThirdRouters(null) },
    nodes: () => [{ name: "lb02", addresses: [MASTER] }],
    stall: {
      get suspect() {
        return is.suspect;
      },
    } as SendStall,
    masterElsewhere: () => is.elsewhere,
    isVirtual: (address) => address === VIP.address,
  });
  const told = () => journal.since().map(({ code, message }) => `${code} ${message}`);
  return { time, config, router, is, instance, recovery, takeover, told };
}

type Backup = ReturnType<typeof backup>;

Deno.test("the only backup answers a goodbye at once, unless it would rather not serve", () => {
  const rows: readonly (readonly [Partial<InstanceConfig>, (it: Backup) => void, string | null])[] =
    [
      [{}, () => {}, null],
      [{}, ({ is }) => is.limits.push(LIMIT), `its priority is 100: ${LIMIT.what}`],
      [{}, ({ is }) => is.effective = 1, "its priority is 1"],
      [{}, ({ is }) => is.effective = 2, "its priority is 2"],
      [{}, ({ is }) => is.effective = 3, null],
      [{ priority: 2 }, ({ is }) => is.effective = 2, null],
      [{}, ({ is }) => is.suspect = true, "its last adverts did not leave"],
      [{}, ({ router }) => router.waits = true, "preempt_delay is not over"],
      [{ soleBackup: false }, ({ is }) => is.suspect = true, "`sole_backup: false`"],
    ];
  for (const [given, change, why] of rows) {
    const made = backup(given);
    change(made);
    const { takeover } = made;
    assert.equal(takeover.soleBackup.applies ? null : takeover.soleBackup.why, why);
    assert.equal(takeover.answersAtOnce(MASTER), why === null);
  }
});

Deno.test("what was so at the goodbye of its master counts until it is no longer followed", () => {
  const { takeover, router, is } = backup();
  assert.equal(takeover.answersAtOnce(MASTER), true);
  router.takeoverReason = "master_released";
  is.limits.push(LIMIT);
  assert.equal(takeover.ownSoleBackup.applies, true);
  assert.equal(takeover.answersAtOnce(MASTER), true, "it said so again");
  assert.equal(takeover.answersAtOnce(STRANGER), false);
  const why = `priority 0 came from ${STRANGER}, which it does not follow`;
  assert.deepEqual(takeover.ownSoleBackup, { applies: false, why });
  assert.equal(takeover.answersAtOnce(MASTER), false, "it is not well by now");
  is.limits.pop();
  for (
    const [state, reason] of [["master", "master_released"], ["backup", "master_silent"]] as const
  ) {
    Object.assign(router, { state, takeoverReason: reason });
    assert.equal(takeover.ownSoleBackup.applies, true, "as it is now");
  }
});

Deno.test("a member of a sync group answers at once only if none of the others ranks backups or hears a master", () => {
  const other = (applies: boolean) =>
    ({
      config: { name: "back" },
      takeover: { ownSoleBackup: { applies, why: "there are 2 other nodes" } },
    }) as unknown as GroupMember;
  for (const applies of [true, false]) {
    for (const hears of [null, other(applies)]) {
      const { takeover, instance } = backup();
      const members = [
        Object.assign(instance, { takeover }) as unknown as GroupMember,
        other(applies),
      ];
      instance.group = { name: "SG", members, waitsFor: () => hears } as unknown as SyncGroup;
      assert.equal(takeover.soleBackup.applies, applies);
      if (!applies) {
        const why = "back of its sync group is not the only backup: there are 2 other nodes";
        assert.equal(takeover.soleBackup.why, why);
      }
      assert.equal(takeover.answersAtOnce(MASTER), applies && hears === null);
    }
  }
  const { takeover, instance } = backup({ soleBackup: false });
  const members = [Object.assign(instance, { takeover }), other(false)];
  instance.group = { name: "SG", members } as unknown as SyncGroup;
  assert.equal(takeover.soleBackup.why, "`sole_backup: false`", "its own reason comes first");
});

Deno.test("a third router is one that can be: a host, and at a virtual address its owner", () => {
  const rows = [
    [STRANGER, 100, true],
    [MASTER, 100, false],
    [VIP.address, 100, false],
    [VIP.address, 255, true],
    ["224.0.0.18", 100, false],
    ["0.0.0.0", 255, false],
  ] as const;
  for (const [from, priority, isThird] of rows) {
    const { takeover, told } = backup();
    takeover.routerHeard(MASTER, 150);
    for (let times = 0; times < 2; times++) takeover.routerHeard(from, priority);
    const message = `third_router web: a third router, ${from}, is heard: ` +
      "Skew_Time puts the backups in order again";
    assert.deepEqual(told(), isThird ? [message] : []);
    assert.equal(takeover.soleBackup.applies, !isThird);
  }
});

Deno.test("after its link came up a backup waits for a master that another node says it is", () => {
  const rows: readonly (readonly [Partial<InstanceConfig>, (it: Backup) => void, string | null])[] =
    [
      [{ preempt: false }, () => {}, "preempt is false"],
      [{ preemptDelayMs: 5000 }, () => {}, "preempt_delay is not over"],
      [{ preemptDelayMs: 5000 }, ({ time }) => time.runUntil(5000), null],
      [{}, () => {}, null],
      [{ preempt: false }, ({ is }) => is.elsewhere = null, null],
      [{ preempt: false }, ({ recovery }) => recovery.over(), null],
      [{ preempt: false }, ({ router }) => router.takeoverReason = "master_released", null],
      [{ preempt: false }, ({ instance }) => instance.override = { kind: "promoted" }, null],
      [
        { preempt: false },
        ({ instance }) => instance.override = { kind: "demoted" },
        "preempt is false",
      ],
    ];
  for (const [given, change, why] of rows) {
    const made = backup(given);
    const { takeover, recovery, config, is, told } = made;
    is.elsewhere = "lb02";
    recovery.cameUp(config, null);
    change(made);
    const message = "peer_master_waits web: hears no master, but does not take over: lb02 says " +
      `that it is master, and ${why}; no advert of it has arrived on eth1 since the link came up`;
    for (let times = 0; times < 2; times++) assert.equal(takeover.mustWait(), why !== null);
    assert.deepEqual(told(), why === null ? [] : [message], "once");
    takeover.stateChanged();
    takeover.mustWait();
    assert.equal(told().length, why === null ? 0 : 2);
  }
});

Deno.test("a member of a sync group waits while another hears a master", () => {
  const { takeover, instance, is, told } = backup();
  const hearing = { name: "back" as string | null };
  instance.group = {
    name: "SG",
    waitsFor: () => hearing.name === null ? null : { config: { name: hearing.name } },
  } as unknown as SyncGroup;
  assert.equal(takeover.mustWait(), true);
  const message = "sync_group_waits web: hears no master, but does not take over: back of sync " +
    "group SG hears one, so VRRP may not pass on eth1";
  assert.deepEqual(told(), [message]);
  hearing.name = null;
  is.elsewhere = "lb02";
  assert.equal(takeover.mustWait(), false);
});
