/**
 * The keepalived.conf files of a usual pair of load balancers: as vipd runs them as they are, as `vipd import`
 * converts them, and with keepalived on the other node. Needs root or user namespaces, and keepalived.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Keepalived } from "../../lab/keepalived.ts";
import { Lab } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import { PAIR_ADDRESS, PAIR_PLAN } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";
import { atOnce, type Step } from "../at_once.ts";
import { importText } from "../keepalived/support.ts";

/** How one node is run. */
type Way = "vipd with the file" | "vipd with its import" | "keepalived";

const PAIRS: readonly (readonly [lb01: Way, lb02: Way])[] = [
  ["vipd with the file", "vipd with the file"],
  ["vipd with its import", "vipd with its import"],
  ["vipd with the file", "keepalived"],
  ["keepalived", "vipd with the file"],
];

/** Start of a process, a check every 2 s, Master_Down_Interval, and a machine that is shared with others. */
const PATIENCE_MS = 15_000;

/** Skew_Time of the backup, priority 100 (RFC 3768 section 6.1), and time for the processes. */
const HAND_OVER_MS = (256 - 100) / 256 * 1000 + 1000;

Deno.test("the usual pair", async (t) => {
  const steps = PAIRS.map(([lb01, lb02]): Step => [
    `${lb01} on lb01, ${lb02} on lb02`,
    (t) => walk(t, lb01, lb02),
  ]);
  await atOnce(t, [
    ...steps,
    ["without addresses, next to keepalived", noAddresses],
    ["with an address of the other family, next to keepalived", bothFamilies],
  ]);
});

/** A `vrrp_instance` with these statements. */
function instanceConf(priority: number, ...lines: string[]): string {
  const common = ["interface eth1", "virtual_router_id 55", `priority ${priority}`];
  return `vrrp_instance VI_1 {\n  ${[...common, ...lines].join("\n  ")}\n}\n`;
}

async function stateOf(vipd: Vipd): Promise<string | undefined> {
  return (await vipd.status())?.instances[0]?.state;
}

async function noAddresses(): Promise<void> {
  await using lab = await Lab.open(`no-addresses-${crypto.randomUUID()}`, PAIR_PLAN);
  const file = (priority: number) => instanceConf(priority, "no_virtual_ipaddress");
  const stronger = await Keepalived.start(lab.host("lb01"), file(150));
  const vipd = new Vipd(lab.host("lb02"), {
    config: file(100),
    binary: Deno.env.get("VIPD_BINARY"),
  });
  await vipd.start();
  // Longer than Master_Down_Interval of either.
  await sleep(6000);
  const status = await vipd.status();
  assert.equal(status?.instances[0]?.state, "backup");
  assert.deepEqual(status.instances[0].counters.dropped, {});
  await stronger.stop();
  await waitFor("vipd as master", async () => await stateOf(vipd) === "master", {
    timeoutMs: PATIENCE_MS,
  });
  await Keepalived.start(lab.host("lb01"), file(50));
  await sleep(6000);
  const master = await vipd.status();
  assert.equal(master?.instances[0]?.state, "master", "keepalived hears the adverts");
  const { advertisements_received: before } = status.instances[0].counters;
  const { advertisements_received: after } = master.instances[0].counters;
  assert.ok(after - before < 5, "the weaker keepalived is silent");
}

async function bothFamilies(): Promise<void> {
  await using lab = await Lab.open(`both-families-${crypto.randomUUID()}`, PAIR_PLAN);
  const file = (priority: number) =>
    instanceConf(
      priority,
      `virtual_ipaddress { ${PAIR_ADDRESS}/24 }`,
      "virtual_ipaddress_excluded { 2001:db8::5/64 }",
    );
  const ipv4 = await HolderWatch.start(lab.hosts, PAIR_ADDRESS, 10);
  const stronger = await Keepalived.start(lab.host("lb01"), file(150));
  const vipd = new Vipd(lab.host("lb02"), {
    config: file(100),
    binary: Deno.env.get("VIPD_BINARY"),
  });
  await ipv4.heldBy("lb01", PATIENCE_MS);
  await vipd.start();
  await sleep(4000);
  const carries = async () => {
    const { stdout } = await vipd.host.run(["ip", "-6", "-o", "address", "show", "dev", "eth1"]);
    return stdout.includes("2001:db8::5/64");
  };
  assert.deepEqual(ipv4.now(), ["lb01"]);
  assert.deepEqual((await vipd.status())?.instances[0]?.counters.dropped, {});
  assert.equal(await carries(), false);
  await stronger.stop();
  await ipv4.heldBy("lb02", PATIENCE_MS);
  await waitFor("the IPv6 address on lb02", carries, { timeoutMs: PATIENCE_MS });
  await Keepalived.start(lab.host("lb01"), file(150));
  await ipv4.heldBy("lb01", PATIENCE_MS);
  await waitFor("the IPv6 address off lb02", async () => !await carries(), {
    timeoutMs: PATIENCE_MS,
  });
}

async function walk(t: Deno.TestContext, way01: Way, way02: Way): Promise<void> {
  await using lab = await Lab.open(`imported-${crypto.randomUUID()}`, PAIR_PLAN);
  const hosts = [lab.host("lb01"), lab.host("lb02")] as const;
  const watch = await HolderWatch.start(lab.hosts, PAIR_ADDRESS, 10);
  const [nginx] = await Promise.all(hosts.map((host) => Nginx.serve(host)));
  const [lb01, lb02] = await Promise.all([node(way01, hosts[0]), node(way02, hosts[1])]);

  await t.step("lb01, the stronger one, holds the address, under its label", async () => {
    await Promise.all([lb01.start(), lb02.start()]);
    await watch.heldBy("lb01", PATIENCE_MS);
    await sleep(3000);
    assert.deepEqual(watch.now(), ["lb01"]);
    const { stdout } = await hosts[0].run(["ip", "-o", "address", "show", "label", "eth1:1"]);
    assert.match(stdout, /inet 192\.168\.31\.5\/24 /);
  });

  await t.step("when its nginx dies, lb02 takes the address", async () => {
    await nginx!.crash();
    await watch.heldBy("lb02", PATIENCE_MS);
  });

  await t.step("when its nginx is back, so is the address", async () => {
    await nginx!.start();
    await watch.heldBy("lb01", PATIENCE_MS);
  });

  await t.step("every node of vipd took every advert", async () => {
    // The next advert confirms who is master, so that the stop below is a hand-over.
    await sleep(2000);
    for (const [way, { status }] of [[way01, lb01], [way02, lb02]] as const) {
      if (way === "keepalived") continue;
      const counters = (await status())?.instances[0]?.counters;
      assert.deepEqual(counters?.dropped, {});
      assert.ok(counters.advertisements_received > 0);
    }
  });

  await t.step("a clean stop hands over", async () => {
    const fromMs = clockMs();
    await lb01.stop();
    const tookMs = await watch.heldBy("lb02", PATIENCE_MS) - fromMs;
    assert.ok(tookMs <= HAND_OVER_MS, `after ${tookMs} ms`);
  });
}

/** A daemon as the test needs it. */
interface Node {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** `null` where it has no API. */
  status(): ReturnType<Vipd["status"]>;
}

/** The node's own file, tests/keepalived/files/tutorial_HOST.conf, run in one of the ways. */
async function node(way: Way, host: LabHost): Promise<Node> {
  const file = new URL(`../keepalived/files/tutorial_${host.name}.conf`, import.meta.url);
  const text = await Deno.readTextFile(file);
  if (way === "keepalived") {
    let running: Keepalived | null = null;
    return {
      start: async () => {
        running = await Keepalived.start(host, text);
      },
      stop: async () => await running?.stop(),
      status: () => Promise.resolve(null),
    };
  }
  const config = way === "vipd with the file" ? text : await imported(text);
  const vipd = new Vipd(host, { config, binary: Deno.env.get("VIPD_BINARY") });
  return { start: () => vipd.start(), stop: () => vipd.stop(), status: () => vipd.status() };
}

async function imported(text: string): Promise<string> {
  const { yaml } = await importText(text);
  assert.ok(yaml, "the file can be imported");
  return yaml;
}
