/** The adverts of one instance: when they may be asked for, what they renew, and until when they must leave. */

import assert from "node:assert/strict";
import type { InstanceConfig } from "../../../../src/config/model.ts";
import type { HostError } from "../../../../src/host/errors.ts";
import type { VrrpPort } from "../../../../src/host/vrrp.ts";
import { authenticationField } from "../../../../src/node/instance/adverts/authentication_field.ts";
import {
  type AdvertContext,
  type AdvertisingInstance,
  OwnAdverts,
} from "../../../../src/node/instance/adverts/own_adverts.ts";
import { SendMarks } from "../../../../src/node/instance/adverts/send_marks.ts";
import { InstanceLog } from "../../../../src/node/instance/instance_log.ts";
import { Alarms, HOLD_DOWN_MS } from "../../../../src/node/journal/alarms.ts";
import { instanceConfig, SimCluster } from "../../../../src/sim/cluster.ts";
import { Journal } from "../../../../src/status/journal.ts";
import type { RouterState } from "../../../../src/vrrp/router_events.ts";

const EPERM: HostError = { code: "EPERM", message: "EPERM, a firewall drops it" };

/** An instance that is master, and its adverts; the kernel answers as `kernel` says. */
function advertising(changes: Partial<InstanceConfig> = {}) {
  const cluster = new SimCluster([{}]);
  const { host } = cluster.nodes[0]!;
  const journal = new Journal(() => host.wallClockMs());
  const alarms = new Alarms(host, journal);
  const kernel = { answer: null as HostError | null };
  const sent: number[] = [];
  const port: VrrpPort = {
    send: (payload, _source, _destination, ttl) => {
      if (ttl !== 0) sent.push(payload[2]!);
      return kernel.answer;
    },
    expect: () => null,
    close: () => {},
  };
  host.sendVrrpAs = () => kernel.answer;
  const renewed: boolean[] = [];
  const evaluatedMs: number[] = [];
  const addresses = {
    leaseEndsMs: null as number | null,
    advertLeaves: (last: boolean) => renewed.push(last),
  };
  const config = instanceConfig(changes);
  const router = {
    state: "master" as RouterState,
    handingOver: false,
    priority: 100,
    masterDownIntervalMs: 3600,
  };
  const conditions = { primaryAddress: "192.168.31.11" as string | null };
  const is = { stopping: false };
  const instance = {
    ...{ config, router, conditions, resources: { addresses, virtualMac: null } },
    log: new InstanceLog("web", host, journal),
    get stopping() {
      return is.stopping;
    },
    evaluate: () => evaluatedMs.push(cluster.time.nowMs),
  } as unknown as AdvertisingInstance;
  const adverts = new OwnAdverts(instance, authenticationField(config), {
    ...{ host, alarms, marks: new SendMarks(null), droppedBy: () => null },
    ports: { get: () => port } as unknown as AdvertContext["ports"],
  });
  const codes = () => alarms.status().map(({ code }) => code);
  return {
    ...{ cluster, adverts, kernel, sent, renewed, evaluatedMs, codes },
    ...{ addresses, router, conditions, is },
  };
}

Deno.test("the kernel is asked for an instance that sends none, has a source and goes on", () => {
  const rows = [
    ["backup", "192.168.31.11", false, true],
    ["fault", "192.168.31.11", false, true],
    ["master", "192.168.31.11", false, false],
    ["init", "192.168.31.11", false, false],
    ["backup", null, false, false],
    ["backup", "192.168.31.11", true, false],
    ["master", null, true, false],
  ] as const;
  for (const [state, primaryAddress, stopping, asks] of rows) {
    const { adverts, router, conditions, is } = advertising();
    Object.assign(router, { state });
    Object.assign(conditions, { primaryAddress });
    Object.assign(is, { stopping });
    assert.equal(adverts.asks, asks, `${state}, ${primaryAddress}, ${stopping}`);
  }
  const unicast = { peers: ["192.168.31.12"], ttl: 255, minTtl: 255 };
  const { adverts, router } = advertising({ unicast });
  router.state = "backup";
  assert.equal(adverts.asks, false, "of unicast adverts it cannot be asked");
});

Deno.test("an advert that leaves renews the lease, for the last time while it hands over", () => {
  const { adverts, kernel, router, sent, renewed } = advertising();
  adverts.send(100);
  router.handingOver = true;
  adverts.send(0);
  kernel.answer = EPERM;
  adverts.send(100);
  assert.deepEqual([sent, renewed], [[100, 0, 100], [false, true]]);
});

Deno.test("without a source there is no advert, which counts as one that left where the link does not matter", () => {
  for (const trackInterface of [true, false]) {
    const { adverts, conditions, sent, renewed } = advertising({ trackInterface });
    conditions.primaryAddress = null;
    adverts.send(100);
    assert.deepEqual([sent, renewed], [[], trackInterface ? [] : [false]]);
  }
});

Deno.test("a master whose adverts do not leave has until just before its lease ends, or what backups bear", () => {
  const rows = [
    [{}, "master", 5000, 4980],
    [{}, "master", null, 3980],
    [{ downTimerAdverts: 2, advertIntervalCs: 300 }, "master", null, 6980],
    [{}, "backup", 5000, null],
  ] as const;
  for (const [changes, state, leaseEndsMs, faultMs] of rows) {
    const { adverts, cluster, kernel, router, addresses, evaluatedMs } = advertising(changes);
    Object.assign(router, { state });
    Object.assign(addresses, { leaseEndsMs });
    cluster.run(1000);
    adverts.stall.begin();
    kernel.answer = EPERM;
    adverts.send(100);
    cluster.run(7000);
    assert.equal(evaluatedMs[0] ?? null, faultMs);
  }
});

Deno.test("one that may try again looks at itself, blames nothing for longer than it takes, and not once it stops", () => {
  for (const stopping of [false, true]) {
    const { adverts, cluster, kernel, is, evaluatedMs, codes } = advertising();
    kernel.answer = EPERM;
    adverts.send(100);
    adverts.stall.stall();
    is.stopping = stopping;
    cluster.run(1000);
    assert.deepEqual(evaluatedMs, stopping ? [] : [1000]);
    cluster.run(3600 + HOLD_DOWN_MS - 1);
    assert.deepEqual(codes(), ["adverts_not_sent"]);
    cluster.run(1);
    assert.deepEqual(codes(), stopping ? ["adverts_not_sent"] : []);
  }
});

Deno.test("before it becomes master again, one whose adverts did not leave sends one", () => {
  const { adverts, kernel, sent } = advertising();
  assert.equal(adverts.canSpeak(), true);
  assert.deepEqual(sent, [], "all is well");
  kernel.answer = EPERM;
  adverts.send(100);
  assert.equal(adverts.canSpeak(), false);
  assert.equal(adverts.stall.fault, `adverts do not leave: ${EPERM.message}`);
  assert.equal(adverts.blocked, EPERM.message);
  kernel.answer = null;
  assert.equal(adverts.canSpeak(), true);
  assert.deepEqual([sent, adverts.stall.fault, adverts.blocked], [[100, 100, 100], null, null]);
});

Deno.test("a backup hears from the kernel that its adverts would leave, and looks at itself once", () => {
  const { adverts, kernel, router, sent, evaluatedMs } = advertising();
  kernel.answer = EPERM;
  adverts.send(100);
  adverts.stall.stall();
  router.state = "backup";
  adverts.answered(adverts.ask());
  assert.deepEqual([adverts.blocked, evaluatedMs], [EPERM.message, []]);
  kernel.answer = null;
  for (let times = 0; times < 2; times++) adverts.answered(adverts.ask());
  assert.deepEqual([adverts.blocked, adverts.stall.suspect, evaluatedMs], [null, false, [0]]);
  assert.deepEqual(sent, [100], "a question is no advert");
});
