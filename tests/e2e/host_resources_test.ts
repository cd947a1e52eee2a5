/**
 * A pair on hosts of the lab whose addresses, routes and rules other programs and the kernel interfere with. Needs root or
 * user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { Vipd, vipdCommand } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";

/** The virtual addresses are on eth2, adverts on eth1. */
const PLAN = {
  lb01: {
    eth1: { network: "front", addresses: ["192.168.31.11/24"] },
    eth2: { network: "clients", addresses: ["10.7.0.11/24"] },
  },
  lb02: {
    eth1: { network: "front", addresses: ["192.168.31.12/24"] },
    eth2: { network: "clients", addresses: ["10.7.0.12/24"] },
  },
} as const;
const VIP = "10.7.0.5";
const INTERVAL_MS = 200;
/** The shortest lease; Skew_Time of the backup is within an interval. */
const LEASE_MS = 2000;
const LIMITS = { timeoutMs: 5000, everyMs: 20 };
const REPAIRED = { timeoutMs: 1500, everyMs: 20 };

function configOf(priority: number, changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    instances: [{
      name: "VI_1",
      interface: "eth1",
      vrid: 55,
      priority,
      version: 3,
      advert_interval: `${INTERVAL_MS}ms`,
      addresses: [{ address: `${VIP}/24`, device: "eth2", label: "eth2:vip" }],
      routes: [{ to: "10.8.0.0/16", via: "10.7.0.1" }],
      rules: [{ from: VIP, table: 100, priority: 900 }],
      ...changes,
    }],
  });
}

const binary = Deno.env.get("VIPD_BINARY");
const shown = async (host: LabHost, ...command: string[]) =>
  (await host.run(["ip", ...command])).stdout;
const state = async (vipd: Vipd) => (await vipd.status())?.instances[0]?.state;
const count = async (vipd: Vipd, code: string) =>
  (await vipd.events()).filter((entry) => entry.code === code).length;

Deno.test("what other programs and the kernel do to addresses, routes and rules is repaired or hands over", async (t) => {
  await using lab = await Lab.open(`resources-${crypto.randomUUID()}`, PLAN);
  const [one, two] = [lab.host("lb01"), lab.host("lb02")];
  const lb01 = new Vipd(one, { config: configOf(150), binary });
  const lb02 = new Vipd(two, { config: configOf(100), binary });
  const holders = await HolderWatch.start([one, two], VIP);
  await Promise.all([lb01.start(), lb02.start()]);
  await holders.heldBy("lb01", 10_000);

  await t.step("a route gets another gateway and another source by a reload", async () => {
    const route = () => shown(one, "route", "show", "10.8.0.0/16");
    assert.match(await route(), /via 10\.7\.0\.1 /);
    await lb01.reload(configOf(150, { routes: [{ to: "10.8.0.0/16", via: "10.7.0.2" }] }));
    await waitFor("the gateway", async () => (await route()).includes("via 10.7.0.2 "), LIMITS);
    const routes = [{ to: "10.8.0.0/16", via: "10.7.0.2", source: VIP }];
    await lb01.reload(configOf(150, { routes }));
    await waitFor("the source", async () => (await route()).includes(`src ${VIP}`), LIMITS);
    await lb01.reload(configOf(150));
    await waitFor("as before", async () => (await route()).includes("via 10.7.0.1 "), LIMITS);
  });

  const drifts: readonly (readonly [string, string, string, RegExp, string])[] = [
    [
      "a removed route",
      "route del 10.8.0.0/16",
      "route show 10.8.0.0/16",
      /via 10\.7\.0\.1/,
      "routing_vanished",
    ],
    [
      "a removed rule",
      `rule del from ${VIP} lookup 100 priority 900`,
      "rule show",
      /900:.*lookup 100/,
      "routing_vanished",
    ],
    [
      "a removed address",
      `address del ${VIP}/24 dev eth2`,
      "address show dev eth2",
      /10\.7\.0\.5\/24 .* eth2:vip/,
      "address_vanished",
    ],
    ["a flushed interface", "address flush dev eth2", "route show", /10\.8\.0\.0\/16 via/, ""],
  ];
  for (const [what, command, look, wanted, code] of drifts) {
    await t.step(`${what} is back within a second, with one entry`, async () => {
      const before = await count(lb01, code);
      await one.run(["ip", ...command.split(" ")]);
      // The host's own address is not vipd's to put back, and the gateway needs its network.
      if (what.startsWith("a flushed")) {
        await one.run(["ip", "address", "add", "10.7.0.11/24", "dev", "eth2"]);
      }
      await waitFor(what, async () => wanted.test(await shown(one, ...look.split(" "))), REPAIRED);
      if (code !== "") assert.equal(await count(lb01, code), before + 1);
    });
  }

  await t.step("a second daemon takes nothing from the first, and names it", async () => {
    const config = JSON.parse(configOf(200));
    await one.write(
      "/run/lab/second.yaml",
      JSON.stringify({
        ...config,
        run_dir: "/run/lab/second",
        state_dir: "/run/lab/second-state",
        api: { listen: ["127.0.0.1:9113"], token_file: "/run/lab/second/token" },
        instances: [{ ...config.instances[0], vrid: 56 }],
      }),
    );
    await holders.heldBy("lb01", 10_000);
    const vanished = await count(lb01, "address_vanished");
    const command = [...vipdCommand(binary), "run", "--config", "/run/lab/second.yaml"];
    const second = one.start("second vipd", command);
    const says = () => second.lastLines.join("\n");
    await waitFor(
      "it names the other",
      () => /belongs to another daemon, process \d+/.test(says()),
      {
        ...LIMITS,
        timeoutMs: 15_000,
        explain: says,
      },
    );
    await sleep(2 * LEASE_MS);
    assert.doesNotMatch(says(), /left from an earlier run and is removed/);
    assert.equal(await count(lb01, "address_vanished"), vanished);
    assert.equal(await state(lb01), "master");
    await second.stop();
  });

  await t.step("a refused route hands over after a lease", async () => {
    await holders.heldBy("lb01", 10_000);
    // In the place of vipd's, another program's.
    const entries = await count(lb01, "routing_failed");
    await one.run(["ip", "route", "replace", "10.8.0.0/16", "via", "10.7.0.9"]);
    await holders.heldBy("lb02", LEASE_MS + 2000);
    assert.equal(await count(lb01, "routing_failed"), entries + 1);
    const status = await lb01.status();
    assert.equal(status?.instances[0]?.state, "fault");
    assert.deepEqual(status?.alarms.map(({ code }) => code), ["resource_refused"]);
    assert.match(await shown(one, "route", "show", "10.8.0.0/16"), /via 10\.7\.0\.9/);
  });
});

Deno.test("the owner of an address serves with its only address, and leaves it where it is", async () => {
  await using lab = await Lab.open(`owner-${crypto.randomUUID()}`, {
    lb01: { eth1: { network: "front", addresses: ["192.168.31.11/24"] } },
    lb02: { eth1: { network: "front", addresses: ["192.168.31.12/24"] } },
  });
  const [one, two] = [lab.host("lb01"), lab.host("lb02")];
  const own = { addresses: ["192.168.31.11/24"], routes: [], rules: [] };
  const lb01 = new Vipd(one, { config: configOf(255, own), binary });
  const lb02 = new Vipd(two, { config: configOf(100, own), binary });
  await Promise.all([lb01.start(), lb02.start()]);
  await waitFor("the owner is master", async () => await state(lb01) === "master", LIMITS);
  assert.equal(await state(lb02), "backup");
  const [address] = (await lb01.status())?.instances[0]?.addresses ?? [];
  assert.equal(address?.held, true);
  assert.match(
    await shown(one, "address", "show", "dev", "eth1"),
    /11\/24 .*\n\s+valid_lft forever/,
  );
  await lb01.stop();
  await waitFor("the other takes over", async () => await state(lb02) === "master", LIMITS);
  assert.match(await shown(one, "address", "show", "dev", "eth1"), /192\.168\.31\.11\/24/);
});

Deno.test("without a lease vipd keeps its mark on its address, and leaves alone what carries it no more", async (t) => {
  await using lab = await Lab.open(`marks-${crypto.randomUUID()}`, { lb01: PLAN.lb01 });
  const one = lab.host("lb01");
  const config = configOf(150, { lease: "off" });
  const lb01 = new Vipd(one, { config, binary });
  await lb01.start();
  const serves = async () => {
    const [instance] = (await lb01.status())!.instances;
    return [...instance!.addresses, ...instance!.routing].every(({ held }) => held);
  };
  await waitFor("all is there", serves, { ...LIMITS, timeoutMs: 10_000 });
  const check = async () => {
    const argv = [...vipdCommand(binary), "check", "/run/lab/vipd.yaml"];
    const { code, stdout, stderr } = await one.run(argv, { check: false });
    assert.equal(code, 0, stderr);
    return stdout + stderr;
  };
  assert.doesNotMatch(await check(), /own_address/, "what vipd holds is no fault");
  const address = () => shown(one, "address", "show", "dev", "eth2");

  await t.step(
    "an address that lost its mark, and vipd its life, is removed at the start",
    async () => {
      await one.run(["ip", "address", "change", `${VIP}/24`, "dev", "eth2"]);
      const altered = async () => await count(lb01, "address_altered") === 1;
      await waitFor("the mark is back", altered, REPAIRED);
      await lb01.signal("SIGKILL");
      assert.match(await address(), /10\.7\.0\.5\/24/);
      await lb01.start();
      assert.equal(await count(lb01, "address_left_behind"), 1);
      await waitFor("all is there", serves, { ...LIMITS, timeoutMs: 10_000 });
    },
  );

  await t.step("what another has put in the place of vipd's outlives reload and stop", async () => {
    const rule = `from ${VIP} table 100 priority 900`;
    const stdin = [
      "route replace 10.8.0.0/16 via 10.7.0.1 proto static",
      `rule del ${rule}`,
      `rule add ${rule}`,
      `address del ${VIP}/24 dev eth2`,
      `address add ${VIP}/24 dev eth2`,
    ].join("\n");
    // vipd may be quicker with its address than the next line.
    const put = async () =>
      (await one.run(["ip", "-batch", "-"], { stdin: `${stdin}\n`, check: false })).code === 0;
    await waitFor("another's to be in their place", put, LIMITS);
    const alarms = async () => (await lb01.status())!.alarms.map(({ code }) => code);
    await waitFor("it is known", async () => (await alarms()).includes("own_address"), LIMITS);
    assert.match(await check(), /warning: .*10\.7\.0\.5 is this machine's own address on eth2/);
    const stays = async () => {
      assert.match(await address(), /10\.7\.0\.5\/24/);
      assert.match(await shown(one, "route", "show", "10.8.0.0/16"), /proto static/);
      assert.match(await shown(one, "rule", "show"), /900:.*lookup 100$/m);
    };
    await stays();
    const others = { lease: "off", addresses: ["10.7.0.6/24"], routes: [], rules: [] };
    await lb01.reload(configOf(150, others));
    await waitFor("the reload", async () => await count(lb01, "reloaded") === 1, LIMITS);
    await stays();
    await lb01.reload(config);
    await waitFor("the second reload", async () => await count(lb01, "reloaded") === 2, LIMITS);
    await lb01.stop();
    await stays();
  });
});

Deno.test("IPv6 that is switched off on the interface of the addresses hands over after a lease, and its return brings them back", async () => {
  await using lab = await Lab.open(`no-ipv6-${crypto.randomUUID()}`, PLAN);
  const [one, two] = [lab.host("lb01"), lab.host("lb02")];
  const addresses = ["fe80::5/64", { address: "2001:db8:7::5/64", device: "eth2" }];
  const settings = { addresses, routes: [], rules: [] };
  const lb01 = new Vipd(one, { config: configOf(150, settings), binary });
  const lb02 = new Vipd(two, { config: configOf(100, settings), binary });
  await Promise.all([lb01.start(), lb02.start()]);
  await waitFor("lb01 is master", async () => await state(lb01) === "master", {
    ...LIMITS,
    timeoutMs: 10_000,
  });
  const disable = (value: number) =>
    one.run(["sysctl", "-qw", `net.ipv6.conf.eth2.disable_ipv6=${value}`]);
  await disable(1);
  await waitFor(
    "an alarm",
    async () => (await lb01.status())?.alarms.some(({ code }) => code === "resource_refused"),
    LIMITS,
  );
  assert.equal((await lb01.status())?.instances[0]?.addresses[1]?.held, false);
  await waitFor("lb02 serves", async () => await state(lb02) === "master", {
    ...LIMITS,
    timeoutMs: LEASE_MS + 2000,
  });
  assert.equal(await count(lb01, "address_failed"), 1);
  const ready = await one.run([
    "curl",
    "-s",
    "-o",
    "/dev/null",
    "-w",
    "%{http_code}",
    "http://127.0.0.1:9112/readyz",
  ]);
  assert.equal(ready.stdout, "503");
  // Not before a sixth of the fault's time is over.
  await sleep(5500);
  await disable(0);
  await waitFor("lb01 serves again", async () => await state(lb01) === "master", {
    ...LIMITS,
    timeoutMs: 10_000,
  });
  assert.equal((await lb01.status())?.instances[0]?.addresses[1]?.held, true);
});

Deno.test("one link-local address on two interfaces is served on both", async () => {
  await using lab = await Lab.open(`link-local-${crypto.randomUUID()}`, { lb01: PLAN.lb01 });
  const one = lab.host("lb01");
  const common = { version: 3, advert_interval: "200ms", addresses: ["fe80::5/64"] };
  const instances = ["eth1", "eth2"].map((name) => ({
    ...common,
    name,
    interface: name,
    vrid: 55,
  }));
  const lb01 = new Vipd(one, { config: JSON.stringify({ instances }), binary });
  await lb01.start();
  await waitFor(
    "both are master",
    async () => (await lb01.status())?.instances.every((it) => it.addresses[0]?.held),
    LIMITS,
  );
  for (const name of ["eth1", "eth2"]) {
    assert.match(await shown(one, "-6", "address", "show", "dev", name), /fe80::5\/64/);
  }
  await lb01.stop();
  assert.doesNotMatch(await shown(one, "-6", "address", "show"), /fe80::5\/64/);
});
