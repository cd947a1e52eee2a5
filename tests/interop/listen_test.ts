/**
 * `vipd listen` beside a pair of vipd and keepalived. Needs root or user namespaces, and keepalived.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import { Keepalived } from "../../lab/keepalived.ts";
import { Lab } from "../../lab/network.ts";
import type { LabProcess } from "../../lab/process.ts";
import { Vipd, vipdCommand } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";
import { atOnce } from "../at_once.ts";

const PLAN = {
  lb01: { eth1: { network: "front", addresses: ["192.168.31.11/24"] } },
  lb02: { eth1: { network: "front", addresses: ["192.168.31.12/24"] } },
  probe: { eth1: { network: "front", addresses: ["192.168.31.100/24"] } },
};

function vipdConfig(priority: number, password: string): string {
  return `
instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    priority: ${priority}
    version: 2
    authentication: { type: pass, password: "${password}" }
    addresses: [192.168.31.5/24]
`;
}

const KEEPALIVED = `
vrrp_instance VI_1 {
  interface eth1
  virtual_router_id 55
  state BACKUP
  priority 100
  authentication { auth_type PASS
    auth_pass 123456 }
  virtual_ipaddress { 192.168.31.5/24 }
}
`;

interface Told {
  readonly change: string;
  readonly source: string | null;
  readonly finding: string | null;
  readonly routers?: {
    readonly vrid: number;
    readonly senders: { readonly address: string; readonly role: string }[];
    readonly findings: { readonly code: string }[];
  }[];
}

/** `vipd listen --json` on a host of the lab, and what it has told. */
class Listener {
  readonly told: Told[] = [];
  readonly #process: LabProcess;

  constructor(host: LabHost) {
    this.#process = host.start("vipd listen", [
      ...vipdCommand(),
      ...["listen", "--json", "--interface", "eth1"],
    ]);
    this.#process.onLine((line) => {
      if (line.startsWith("{")) this.told.push(JSON.parse(line));
    });
  }

  async hears(what: string, matches: (told: Told) => boolean): Promise<Told> {
    return await waitFor(what, () => Promise.resolve(this.told.find(matches) ?? null), {
      timeoutMs: 15_000,
      everyMs: 20,
      explain: () => `${JSON.stringify(this.told, null, 1)}\n${this.#process.lastLines.join("\n")}`,
    });
  }

  async running(): Promise<void> {
    await waitFor("vipd listen", () =>
      Promise.resolve(
        this.#process.lastLines.some((line) => line.includes("listens on eth1")) || null,
      ), { timeoutMs: 15_000, everyMs: 20 });
  }

  /** Ctrl-C. */
  async end(): Promise<Told> {
    await this.#process.signal("SIGINT");
    assert.deepEqual(await this.#process.ended, { code: 0, signal: null });
    return this.told[this.told.length - 1]!;
  }
}

Deno.test("vipd listen next to a pair", async (t) => {
  await atOnce(t, [
    ["a hand-over from vipd to keepalived is heard as it happens", handOver],
    ["two masters with different passwords are found, and are not disturbed", twoMasters],
  ]);
});

async function handOver(): Promise<void> {
  await using lab = await Lab.open(`listen-${crypto.randomUUID()}`, PLAN);
  const listener = new Listener(lab.host("probe"));
  await listener.running();
  const vipd = new Vipd(lab.host("lb01"), { config: vipdConfig(150, "123456") });
  await vipd.start();
  await listener.hears(
    "vipd as master",
    ({ change, source }) => change === "master_appeared" && source === "192.168.31.11",
  );
  const keepalived = await Keepalived.start(lab.host("lb02"), KEEPALIVED);
  const follows = () => keepalived.lastLines.some((line) => line.includes("BACKUP STATE"));
  await waitFor("keepalived to be backup", follows, { timeoutMs: 15_000 });
  // Until it has heard vipd it would answer a goodbye with nothing but its own Master_Down_Interval.
  await sleep(1100);
  await vipd.stop();
  await listener.hears("vipd letting go", ({ change }) => change === "master_released");
  await listener.hears(
    "keepalived as master",
    ({ change, source }) => change === "master_appeared" && source === "192.168.31.12",
  );
  const summary = await listener.end();
  assert.deepEqual(listener.told.map(({ change }) => change), [
    "master_appeared",
    "master_released",
    "master_appeared",
    "summary",
  ]);
  const [router, ...others] = summary.routers!;
  assert.deepEqual([router?.vrid, others.length], [55, 0]);
  assert.deepEqual(router?.findings, [], "both advertise the same");
  assert.deepEqual(router?.senders.map(({ address, role }) => [address, role]), [
    ["192.168.31.11", "released"],
    ["192.168.31.12", "master"],
  ]);
}

async function twoMasters(): Promise<void> {
  await using lab = await Lab.open(`listen-${crypto.randomUUID()}`, PLAN);
  const listener = new Listener(lab.host("probe"));
  await listener.running();
  const vipd = new Vipd(lab.host("lb01"), { config: vipdConfig(150, "123456") });
  await vipd.start();
  await new Vipd(lab.host("lb02"), { config: vipdConfig(100, "654321") }).start();
  await listener.hears("two masters", ({ finding }) => finding === "two_masters");
  await listener.hears("other passwords", ({ finding }) => finding === "password_differs");
  assert.ok(!JSON.stringify(listener.told).includes("123456"), "passwords stay hidden");
  const status = await vipd.status();
  const { dropped, ...counters } = status!.instances[0]!.counters;
  assert.deepEqual(Object.keys(dropped), ["authentication_failed"]);
  assert.equal(counters.advertisements_received, 0, "the listener sends nothing");
  assert.deepEqual(status!.dropped, {});
  await listener.end();
}
