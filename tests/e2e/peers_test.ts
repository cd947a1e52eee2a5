/**
 * The network that carries VRRP is cut and another one, over which the nodes ask each other, is not. Needs root or user
 * namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import { Lab } from "../../lab/network.ts";
import { ONE_SECOND, PAIR_ADDRESS, PRIORITIES, vipdConfig } from "../../lab/pair_config.ts";
import { type PairName, PEERS_PLAN, peersHead, TOKEN, TOKEN_FILE } from "../../lab/peers_pair.ts";
import { Vipd } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";

/** Three advert intervals, and what a look at the status takes. */
const TOLD = { timeoutMs: 3500, everyMs: 50 };

const configOf = (name: PairName, splitBrain: "alarm" | "yield") =>
  `${peersHead(name)}${vipdConfig(ONE_SECOND, PRIORITIES[name])}    split_brain: ${splitBrain}\n`;

Deno.test("a partition of the VRRP network is reported by both nodes, and with `yield` one lets go", async () => {
  await using lab = await Lab.open(`peers-${crypto.randomUUID()}`, PEERS_PLAN);
  const binary = Deno.env.get("VIPD_BINARY");
  const start = async (name: PairName) => {
    const host = lab.host(name);
    await host.write(TOKEN_FILE, `${TOKEN}\n`);
    const vipd = new Vipd(host, { config: configOf(name, "alarm"), binary });
    await vipd.start();
    return vipd;
  };
  const holders = await HolderWatch.start([lab.host("lb01"), lab.host("lb02")], PAIR_ADDRESS);
  const lb01 = await start("lb01");
  await holders.heldBy("lb01", 10_000);
  const lb02 = await start("lb02");
  const statusOf = async (vipd: Vipd) => await vipd.status() ?? assert.fail("no answer");
  const stateOf = async (vipd: Vipd) => (await statusOf(vipd)).instances[0]!.state;
  const peerOf = async (vipd: Vipd) => (await statusOf(vipd)).peers[0]!;
  const seen = async () => (await peerOf(lb01)).instances[0]?.state === "backup";
  await waitFor("lb01 to see its backup", seen, {
    timeoutMs: 5000,
    everyMs: 50,
    explain: async () => JSON.stringify(await peerOf(lb01)),
  });
  assert.equal((await peerOf(lb02)).instances[0]?.state, "master");

  await lab.cut("lb01", "eth1", "silent");
  const isMaster = async () => await stateOf(lb02) === "master";
  await waitFor("lb02 to be master too", isMaster, { timeoutMs: 6000, everyMs: 20 });
  const told = async () => {
    const all = await Promise.all([statusOf(lb01), statusOf(lb02)]);
    return all.every(({ alarms }) => alarms.some(({ code }) => code === "split_brain_peer"));
  };
  await waitFor("both to tell", told, { ...TOLD, explain: () => lb02.lastLines.join("\n") });
  assert.deepEqual([await stateOf(lb01), await stateOf(lb02)], ["master", "master"]);

  await lb01.reload(configOf("lb01", "yield"));
  await lb02.reload(configOf("lb02", "yield"));
  const yielded = async () => (await statusOf(lb02)).instances[0]!.reason.code === "split_brain";
  await waitFor("lb02 to let go", yielded, { ...TOLD, explain: () => lb02.lastLines.join("\n") });
  await holders.heldBy("lb01", 1000);
  await sleep(5000);
  assert.deepEqual([await stateOf(lb01), await stateOf(lb02)], ["master", "backup"]);
});
