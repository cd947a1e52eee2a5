/**
 * Two nodes become a pair by one line, as real processes; or both stay as they were. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { ONE_SECOND, PAIR_PLAN, PRIORITIES, vipdConfig } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { sleep, waitFor } from "../../lab/wait.ts";
import { WallClock } from "../../lab/wall_clock.ts";
import { timeMs } from "../../src/pairing/renewal.ts";
import type { NodeStatus } from "../../src/status/status.ts";
import { CONFIG_FILE, filesOf, PairingCommand } from "./pairing.ts";

/** What stands above the question. */
const ASKED = /To be written on this node/;

const DAY_S = 86_400;
/** A program with its own clock reads once a second how far it is ahead. */
const CLOCK_READ_MS = 1500;

type Name = keyof typeof PAIR_PLAN;
const NAMES = ["lb01", "lb02"] as const;

const configOf = (name: Name) =>
  `# ${name} of the shop\nnode: ${name}\n${vipdConfig(ONE_SECOND, PRIORITIES[name])}`;

async function openLab(): Promise<Lab> {
  const lab = await Lab.open(`pair-${crypto.randomUUID()}`, PAIR_PLAN);
  for (const name of NAMES) await lab.host(name).write(CONFIG_FILE, configOf(name));
  return lab;
}

/** Reading one needs the file alone. */
async function textOf(host: LabHost): Promise<string> {
  return (await host.run(["cat", CONFIG_FILE])).stdout;
}

Deno.test("one line makes a pair: after a reload and a start, each node shows the other", async () => {
  await using lab = await openLab();
  const binary = Deno.env.get("VIPD_BINARY");
  const [lb01, lb02] = [lab.host("lb01"), lab.host("lb02")];
  const running = new Vipd(lb01, { config: configOf("lb01"), binary });
  // It starts while the nodes are paired.
  await running.launch();

  // Its clock is put right while it waits: what it made before would not be valid for days.
  const clock = await WallClock.on(lb01);
  await clock.setAhead(5 * DAY_S);
  const first = new PairingCommand(lb01, [], clock.before);
  const line = await first.line();
  await clock.setAhead(0);
  await sleep(CLOCK_READ_MS);
  assert.match(line, /^vipd-pair\/1\/192\.168\.31\.11:9112\//);
  const second = new PairingCommand(lb02, ["--join"]);
  await second.type(line);
  await second.says(ASKED);
  assert.doesNotMatch(second.said, /123456/, "a password of the configuration");
  await second.type("y");
  await first.says(ASKED);
  await first.type("y");
  assert.deepEqual([await first.ended(), await second.ended()], [0, 0], first.said + second.said);

  for (const [host, name] of [[lb01, "lb01"], [lb02, "lb02"]] as const) {
    const text = await textOf(host);
    assert.ok(text.startsWith(configOf(name).trimEnd()), "the rest of the file stays as it was");
    const { stdout } = await host.run(["sh", "-c", "stat -c '%a %n' /var/lib/vipd/pair/*"]);
    // It is served so: nothing renews it first.
    const { validFrom } = new X509Certificate(
      (await host.run(["cat", "/var/lib/vipd/pair/api.pem"])).stdout,
    );
    assert.ok(timeMs(validFrom) < Date.now(), `${name} has a certificate from ${validFrom}`);
    assert.doesNotMatch(stdout, /^(?!600).*(key|token)$/m);
    assert.match((await host.run(["sh", "-c", `cat ${CONFIG_FILE}.2*`])).stdout, /of the shop/);
  }
  const other = new Vipd(lb02, { config: await textOf(lb02), binary });
  await other.launch();
  await waitFor("the API of lb01", () => running.status(), { timeoutMs: 60_000, everyMs: 100 });
  const reload = await running.command("reload");
  assert.equal(reload.code, 0, reload.stderr);
  const statusOf = async (vipd: Vipd, ...args: string[]): Promise<NodeStatus | null> => {
    const { code, stdout } = await vipd.command("status", "--json", ...args);
    return code === 0 ? JSON.parse(stdout) : null;
  };
  for (const vipd of [running, other]) {
    await waitFor("the peer to be seen", async () => {
      const [peer] = (await statusOf(vipd))?.peers ?? [];
      return peer?.reachable && peer.instances.length === 1;
    }, { timeoutMs: 60_000, everyMs: 100, explain: () => vipd.lastLines.join("\n") });
  }
  assert.equal((await statusOf(running, "--node", "lb02"))?.node, "lb02");
  const order = await running.command("demote", "--node", "lb02");
  assert.deepEqual([order.code, order.stdout], [2, ""]);
  assert.match(order.stderr, /ssh lb02 vipd demote/);
  await pairsAgain(lb01, lb02);
  await pairsAfterALoss(lb01, lb02);
});

/** Keys and tokens stay, and nothing is listed as new. The line is for the other node. */
async function pairsAgain(lb01: LabHost, lb02: LabHost): Promise<void> {
  const before = [await filesOf(lb01), await filesOf(lb02)];
  const first = new PairingCommand(lb01, []);
  const line = await first.line();
  const misplaced = new PairingCommand(lb01, ["--join"]);
  await misplaced.type(line);
  assert.equal(await misplaced.ended(), 2);
  assert.match(misplaced.said, /this node printed the line, 192\.168\.31\.11 is its own address/);
  const second = new PairingCommand(lb02, ["--join"]);
  await second.type(line);
  for (const one of [second, first]) {
    await one.says(/Nothing changes on this node/);
    assert.doesNotMatch(one.said, /To be written|authority\.key/);
    await one.type("y");
  }
  assert.deepEqual([await first.ended(), await second.ended()], [0, 0], first.said + second.said);
  assert.deepEqual([await filesOf(lb01), await filesOf(lb02)], before);
}

/** Restored from a copy of /etc alone: the other node takes the new certificate and token. */
async function pairsAfterALoss(lb01: LabHost, lb02: LabHost): Promise<void> {
  const authorityOf = async (host: LabHost, file: string) =>
    (await host.run(["cat", `/var/lib/vipd/pair/${file}.pem`])).stdout;
  const lost = await authorityOf(lb01, "authority");
  await lb01.run(["rm", "-r", "/var/lib/vipd/pair"]);
  const first = new PairingCommand(lb01, ["--yes"]);
  const second = new PairingCommand(lb02, ["--join", "--yes"]);
  await second.type(await first.line());
  assert.deepEqual([await first.ended(), await second.ended()], [0, 0], first.said + second.said);
  const made = await authorityOf(lb01, "authority");
  assert.notEqual(made, lost);
  assert.equal(await authorityOf(lb02, "peer-lb01"), made);
}

Deno.test("a pairing that is left at any step leaves both nodes as they were", async (t) => {
  await using lab = await openLab();
  const [lb01, lb02] = [lab.host("lb01"), lab.host("lb02")];
  const before = [await filesOf(lb01), await filesOf(lb02)];
  const unchanged = async () => {
    assert.deepEqual([await filesOf(lb01), await filesOf(lb02)], before);
  };
  const asked = async () => {
    const first = new PairingCommand(lb01, ["--listen", "192.168.31.11:9112"]);
    const second = new PairingCommand(lb02, ["--join"]);
    await second.type(await first.line());
    await second.says(ASKED);
    return { first, second };
  };

  await t.step("the first one is killed while the second one is asked", async () => {
    const { first, second } = await asked();
    await first.kill();
    assert.equal(await second.ended(), 1);
    assert.match(second.said, /lb01 has ended the pairing/);
    await unchanged();
  });

  await t.step("the second one is killed while the first one is asked", async () => {
    const { first, second } = await asked();
    await second.type("y");
    await first.says(ASKED);
    await second.kill();
    assert.equal(await first.ended(), 1);
    assert.match(first.said, /lb02 has ended the pairing/);
    await unchanged();
  });

  await t.step("the second one says no; the line is good for nobody after that", async () => {
    const { first, second } = await asked();
    const line = await first.line();
    const third = new PairingCommand(lb02, ["--join"]);
    await third.type(line);
    assert.equal(await third.ended(), 1);
    assert.match(third.said, /the line was used already/);
    await second.kill();
    assert.equal(await first.ended(), 1);
    await unchanged();
  });

  await t.step("a file that cannot be edited is refused before anybody is asked", async () => {
    const peers =
      'peers:\n  - { name: lb02, url: "https://old:9112", token_file: &token /run/lab/token }\n' +
      '  - { name: lb04, url: "https://lb04:9112", token_file: *token }\n';
    await lb01.write("/run/lab/token", "a-token-that-is-long-enough-for-it\n");
    await lb01.run(["chmod", "600", "/run/lab/token"]);
    await lb01.write(CONFIG_FILE, configOf("lb01") + peers);
    const first = new PairingCommand(lb01, []);
    const second = new PairingCommand(lb02, ["--join"]);
    await second.type(await first.line());
    assert.deepEqual([await first.ended(), await second.ended()], [1, 1]);
    for (const { said } of [first, second]) {
      assert.match(
        said,
        /vipd\.yaml cannot be changed without harm: the layout of peers in line \d+/,
      );
      assert.match(said, /Nothing is changed on this node/);
      assert.doesNotMatch(said, ASKED);
    }
    await lb01.run(["rm", "/run/lab/token"]);
    await lb01.write(CONFIG_FILE, configOf("lb01"));
    await unchanged();
  });

  for (const [host, where] of [[lb01, "first"], [lb02, "second"]] as const) {
    await t.step(
      `a file that cannot be written on the ${where} node is written on neither`,
      async () => {
        await host.run([
          "sh",
          "-c",
          "mkdir /var/lib/vipd && mount -t tmpfs -o ro tmpfs /var/lib/vipd",
        ]);
        const { first, second } = await asked();
        await second.type("y");
        await first.says(ASKED);
        await first.type("y");
        assert.deepEqual([await first.ended(), await second.ended()], [1, 1]);
        const other = host === lb01 ? second : first;
        assert.match(other.said, new RegExp(`${host.name}: nothing is written`));
        await host.run(["sh", "-c", "umount /var/lib/vipd && rmdir /var/lib/vipd"]);
        await unchanged();
      },
    );
  }
});
