/**
 * Connections outlive a hand-over between two nodes with `drain`. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SteadyClient } from "../../lab/client.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import { PAIR_ADDRESS, PAIR_PLAN, vipdConfig } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { clockMs, sleep, waitFor } from "../../lab/wait.ts";

const PLAN = {
  ...PAIR_PLAN,
  client: { eth1: { network: "front", addresses: ["192.168.31.100/24"] } },
} as const;

const DRAIN_MS = 1500;
const PROMOTED = 254;

Deno.test("a request that is under way outlives promotes there and back; after the drain nothing is left", async () => {
  await using lab = await Lab.open(`drain-${crypto.randomUUID()}`, PLAN);
  const [lb01, lb02, client] = [lab.host("lb01"), lab.host("lb02"), lab.host("client")];
  await Promise.all([Nginx.serve(lb01), Nginx.serve(lb02)]);
  const settings = { version: 2, advertIntervalMs: 1000 } as const;
  const binary = Deno.env.get("VIPD_BINARY");
  const node = (host: LabHost, priority: number) =>
    new Vipd(host, {
      config: `${vipdConfig(settings, priority)}    drain: ${DRAIN_MS}ms\n`,
      binary,
    });
  const nodes = [node(lb01, 150), node(lb02, 100)] as const;
  await Promise.all(nodes.map((it) => it.start()));
  const steady = SteadyClient.start(client, { address: PAIR_ADDRESS, rate: 200 });
  await steady.answered(10_000);
  const fromMs = clockMs();

  const [underWay, tooLong] = await Promise.all([halfSaid(client), halfSaid(client)]);
  await promote(nodes[1]);
  // The rest of the drain is for the signal that has it finish.
  await sleep(DRAIN_MS / 5);
  assert.match(await underWay.rest(), /^HTTP\/1.1 200 .*"backend":"lb01"/);
  const meanwhile = await halfSaid(client);
  assert.match(await meanwhile.rest(), /"backend":"lb02"/, "new connections are the new master's");

  await waitFor("lb01 to let go of the address", async () => !await has(lb01), {
    timeoutMs: 3 * DRAIN_MS,
  });
  assert.match(await tooLong.rest(), /^lost: .*reset/i, "longer than the drain");
  // Back and forth: nothing of the last time is in the way.
  for (const [promoted, other] of [nodes, nodes.toReversed(), nodes] as const) {
    // Two promotes outbid each other; an advert tells of the release.
    await other!.send("VI_1", "release");
    await waitFor("the release to be heard", async () => {
      const instance = (await promoted!.status())?.instances[0];
      const priority = instance?.master?.priority;
      return instance?.state === "master" || priority !== undefined && priority < PROMOTED;
    }, { timeoutMs: 5000 });
    const inFlight = await halfSaid(client);
    await promote(promoted!);
    await sleep(50);
    assert.match(await inFlight.rest(), /^HTTP\/1.1 200 /);
  }
  const { sent, failed } = await steady.between(fromMs, clockMs());
  assert.equal(failed, 0, `${failed} of ${sent} requests failed`);

  // A clean stop waits for those who are connected.
  const last = await halfSaid(client);
  const stopped = nodes[0].stop();
  await waitFor("lb02 to be master", async () => await has(lb02), { timeoutMs: 3000 });
  assert.match(await last.rest(), /"backend":"lb01"/);
  await stopped;
  assert.ok(!await has(lb01), "off when the program has ended");
});

async function promote(node: Vipd): Promise<void> {
  const { status, body } = await node.send("VI_1", "promote");
  assert.equal(status, 200, JSON.stringify(body));
}

async function has(host: LabHost): Promise<boolean> {
  return (await host.run(["ip", "-4", "address"])).stdout.includes(`${PAIR_ADDRESS}/`);
}

interface SplitRequest {
  /** Says the rest of the request; the answer. */
  rest(): Promise<string>;
}

async function halfSaid(client: LabHost): Promise<SplitRequest> {
  const process = client.start("client", [
    ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-net"],
    new URL("fixtures/split_request.ts", import.meta.url).pathname,
    PAIR_ADDRESS,
  ]);
  const lines: string[] = [];
  process.onLine((line) => lines.push(line));
  const nth = (count: number) =>
    waitFor("the client", () => lines[count - 1], { timeoutMs: 5000, everyMs: 5 });
  await nth(1);
  return {
    async rest() {
      await process.signal("SIGUSR1");
      return await nth(2);
    },
  };
}
