/**
 * A host that claims the virtual addresses, each time from another MAC address, between real hosts. Needs root or user
 * namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { PAIR_ADDRESS, PAIR_PLAN, type PairSettings, vipdConfig } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { waitFor } from "../../lab/wait.ts";
import type { AlarmStatus, InstanceStatus } from "../../src/status/status.ts";

const PLAN = {
  ...PAIR_PLAN,
  stranger: { eth1: { network: "front", addresses: ["192.168.31.66/24"] } },
} as const;

const FAST: PairSettings = { version: 3, advertIntervalMs: 100 };
const DEFAULT: PairSettings = { version: 2, advertIntervalMs: 1000, password: "123456" };
const ADDRESSES = { VI_1: PAIR_ADDRESS, VI_6: "2001:db8:31::5" } as const;
const CLAIMS_PER_SECOND = 1000;
const ATTACK_MS = 10_000;

/** An IPv6 instance next to the pair's own. */
function config(settings: PairSettings, priority: number): string {
  return `${vipdConfig(settings, priority)}  - name: VI_6
    interface: eth1
    vrid: 56
    priority: ${priority}
    version: 3
    advert_interval: ${settings.advertIntervalMs}ms
    addresses: [fe80::5/64, "${ADDRESSES.VI_6}/64"]
`;
}

for (const [timers, settings] of [["version 3, 100 ms", FAST], ["1 s", DEFAULT]] as const) {
  Deno.test(`a thousand MAC addresses that claim an address take it from nobody: ${timers}`, async (t) => {
    await using lab = await Lab.open(`claims-${crypto.randomUUID()}`, PLAN);
    const binary = Deno.env.get("VIPD_BINARY");
    const node = (name: "lb01" | "lb02", priority: number) =>
      new Vipd(lab.host(name), { config: config(settings, priority), binary });
    const [lb01, lb02] = [node("lb01", 150), node("lb02", 100)];
    for (const vipd of [lb01, lb02]) await vipd.start();
    for (const [instance, address] of Object.entries(ADDRESSES)) {
      await t.step(`${instance}: ${address}`, async () => {
        const holders = await HolderWatch.start([lb01.host, lb02.host], address);
        await holders.heldBy("lb01", 10_000);
        const before = [await instanceOf(lb01, instance), await instanceOf(lb02, instance)];
        await Promise.all([
          claim(lab.host("stranger"), address),
          conflictAt(lb01, instance),
        ]);
        const after = [await instanceOf(lb01, instance), await instanceOf(lb02, instance)];
        assert.deepEqual(after.map(({ state }) => state), ["master", "backup"]);
        const elections = (all: InstanceStatus[]) =>
          all.map(({ counters }) => [counters.became_master, counters.released_master]);
        assert.deepEqual(elections(after), elections(before));
        const held = holders.holdings().map(({ host, untilMs }) => [host, untilMs]);
        assert.deepEqual(held, [["lb01", Infinity]]);
        await holders.stop();
      });
    }
  });
}

/** Resolves when the alarm is there. */
async function conflictAt(vipd: Vipd, instance: string): Promise<void> {
  const isIt = ({ code, subject, message }: AlarmStatus) =>
    code === "address_conflict" && subject === instance &&
    /^at least \d0+ MAC addresses claim/.test(message);
  await waitFor(
    `the alarm of ${instance}`,
    async () => (await vipd.status())?.alarms.some(isIt),
    { timeoutMs: ATTACK_MS, everyMs: 200, explain: () => vipd.lastLines.join("\n") },
  );
}

async function instanceOf(vipd: Vipd, name: string): Promise<InstanceStatus> {
  const instance = (await vipd.status())?.instances.find((it) => it.name === name);
  assert.ok(instance);
  return instance;
}

/** Resolves at the end of the attack. */
async function claim(stranger: LabHost, address: string): Promise<void> {
  const process = new URL("../../lab/hostile/claims_process.ts", import.meta.url).pathname;
  const { stdout } = await stranger.run([
    ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-all", process],
    ...[String(ATTACK_MS), "eth1", address, String(CLAIMS_PER_SECOND)],
  ]);
  assert.ok(JSON.parse(stdout).sent > CLAIMS_PER_SECOND * ATTACK_MS / 1000 / 2, stdout);
}
