/**
 * A pair whose configuration is tried, put on probation and lost to a kill, and whose node goes into maintenance. Needs
 * root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import { HolderWatch } from "../../lab/holders.ts";
import { Lab } from "../../lab/network.ts";
import { NODE_ADDRESSES, PAIR_ADDRESS, PAIR_PLAN } from "../../lab/pair_config.ts";
import { Vipd } from "../../lab/vipd.ts";
import { waitFor } from "../../lab/wait.ts";

type Name = keyof typeof NODE_ADDRESSES;

const FOLDER = "/run/lab";
const CONFIG = `${FOLDER}/vipd.yaml`;
const RECORD = `${FOLDER}/state/probation`;
const LIMITS = { timeoutMs: 8000, everyMs: 50 };
/** Nobody listens there. */
const DEAD_CHECK = `checks:
  site: { type: tcp, address: "127.0.0.1:1", interval: 500ms }
`;

function configOf(name: Name, priority: number, more = ""): string {
  const other: Name = name === "lb01" ? "lb02" : "lb01";
  const url = `https://${NODE_ADDRESSES[other]}:9112`;
  const track = more === "" ? "" : "    track: [{ check: site }]\n";
  return `node: ${name}
state_dir: ${FOLDER}/state
api:
  listen: ["127.0.0.1:9112", "${NODE_ADDRESSES[name]}:9112"]
  token_file: ${FOLDER}/token
  tls: { cert: ${FOLDER}/${name}.pem, key: ${FOLDER}/${name}.key }
peers:
  - { name: ${other}, url: "${url}", token_file: ${FOLDER}/token, ca: ${FOLDER}/${other}.pem }
${more}instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    priority: ${priority}
    version: 3
    advert_interval: 500ms
    damping: { moves: 0 }
    addresses: [${PAIR_ADDRESS}/24]
${track}`;
}

/** A certificate of its own for each node, and one token for both. */
async function prepare(hosts: Readonly<Record<Name, LabHost>>): Promise<void> {
  for (const name of ["lb01", "lb02"] as const) {
    const folder = await Deno.makeTempDir();
    const files = [`${folder}/key`, `${folder}/cert`] as const;
    const { success } = await new Deno.Command("openssl", {
      args: [
        ...["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=IP:${NODE_ADDRESSES[name]}`],
        ...["-addext", "basicConstraints=critical,CA:FALSE", "-days", "90"],
        ...["-keyout", files[0], "-out", files[1]],
      ],
      stderr: "null",
    }).output();
    assert.ok(success, "openssl makes a certificate");
    const [key, cert] = await Promise.all(files.map((file) => Deno.readTextFile(file)));
    await Deno.remove(folder, { recursive: true });
    await hosts[name].write(`${FOLDER}/${name}.key`, key!);
    await hosts[name].run(["chmod", "600", `${FOLDER}/${name}.key`]);
    for (const host of Object.values(hosts)) await host.write(`${FOLDER}/${name}.pem`, cert!);
    await hosts[name].write(`${FOLDER}/token`, "correct-horse-battery-staple\n");
    await hosts[name].run(["chmod", "600", `${FOLDER}/token`]);
  }
}

Deno.test("a configuration on probation is lost to a kill, kept by a word, and a node goes for maintenance", async (t) => {
  await using lab = await Lab.open(`probation-${crypto.randomUUID()}`, PAIR_PLAN);
  const hosts = { lb01: lab.host("lb01"), lb02: lab.host("lb02") };
  await prepare(hosts);
  const binary = Deno.env.get("VIPD_BINARY");
  const vipd = (name: Name, config: string) => new Vipd(hosts[name], { config, binary });
  const holders = await HolderWatch.start([hosts.lb01, hosts.lb02], PAIR_ADDRESS);
  let lb01 = vipd("lb01", configOf("lb01", 150));
  const lb02 = vipd("lb02", configOf("lb02", 100));
  await Promise.all([lb01.start(), lb02.start()]);
  await holders.heldBy("lb01", 10_000);
  const priority = async () => (await lb01.status())?.instances[0]?.priority.configured;
  const stands = (priorityWanted: number, wentBack: boolean) =>
    waitFor(`lb01 to have priority ${priorityWanted}, reload_failed: ${wentBack}`, async () => {
      const codes = (await lb01.status())?.alarms.map(({ code }) => code);
      return await priority() === priorityWanted && codes?.includes("reload_failed") === wentBack;
    }, { ...LIMITS, explain: () => lb01.lastLines.slice(-10).join("\n") });
  const write = (text: string) => hosts.lb01.write(CONFIG, text);
  const sees = async () => (await lb01.status())?.peers[0]?.reachable === true;
  await waitFor("lb01 to see its peer", sees, {
    ...LIMITS,
    explain: async () => JSON.stringify((await lb01.status())?.peers),
  });

  await t.step("two nodes of a pair differ in nothing that is not to", async () => {
    const { code, stdout, stderr } = await lb01.command("diff");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /nothing differs that should be alike/);
    const all = await lb01.command("diff", "lb02", "--all");
    assert.match(all.stdout, /instance VI_1: priority: 150 here, 100 on lb02/);
    assert.match(all.stdout, /certificate of lb02 at https:.* \(CN=lb02\) expires on 20\d\d-/);
  });

  await t.step("a kill in the probation: the next start goes back", async () => {
    await write(configOf("lb01", 120));
    const { code, stdout, stderr } = await lb01.command("reload", "--confirm", "60s");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /priority: 150 -> 120[^]*on probation until .*not rolled back/);
    await stands(120, false);
    const { stdout: mode } = await hosts.lb01.run(["stat", "--format", "%a", RECORD]);
    assert.equal(mode.trim(), "600");
    await lb01.signal("SIGKILL");
    // The file has what was on probation, still.
    lb01 = vipd("lb01", configOf("lb01", 120));
    await lb01.start();
    await stands(150, true);
    await holders.heldBy("lb01", 10_000);
  });

  await t.step("nobody keeps it in time: it goes back", async () => {
    assert.equal((await lb01.command("reload", "--confirm", "1s")).code, 0);
    await stands(150, true);
    const { code, stderr } = await lb01.command("reload", "--keep");
    assert.equal(code, 6);
    assert.match(
      stderr,
      /^vipd: it is too late: vipd runs with the configuration before the one in/,
    );
  });

  await t.step("the remedy's command writes back what vipd runs with", async () => {
    const alarms = (await lb01.status())?.alarms ?? [];
    const { hint = "" } = alarms.find(({ code }) => code === "reload_failed") ?? {};
    const [command = ""] = hint.split(" && vipd reload");
    await hosts.lb01.run(["sh", "-c", command]);
    const { stdout: copy } = await hosts.lb01.run(["sh", "-c", `cat ${CONFIG}.before-*`]);
    assert.equal(copy, configOf("lb01", 120));
    assert.equal((await lb01.command("reload")).code, 0);
    await stands(150, false);
    const again = await hosts.lb01.run(["sh", "-c", command], { check: false });
    assert.match(again.stderr, /probation: No such file/);
    await write(configOf("lb01", 120));
  });

  await t.step("what is kept stays after a kill", async () => {
    assert.equal((await lb01.command("reload", "--confirm", "60s")).code, 0);
    const kept = await lb01.command("reload", "--keep");
    assert.equal(kept.code, 0, kept.stderr);
    await lb01.signal("SIGKILL");
    lb01 = vipd("lb01", configOf("lb01", 120));
    await lb01.start();
    await stands(120, false);
    await holders.heldBy("lb01", 10_000);
  });

  await t.step(
    "a half-written edit in the probation and a kill: the next start goes back",
    async () => {
      await write(configOf("lb01", 130));
      assert.equal((await lb01.command("reload", "--confirm", "60s")).code, 0);
      const half = `${configOf("lb01", 130)}no_such_key: 1\n`;
      await write(half);
      await lb01.signal("SIGKILL");
      lb01 = vipd("lb01", half);
      await lb01.start();
      await stands(120, true);
    },
  );

  await t.step(
    "an edit in the probation and a kill: the next start takes it and says so",
    async () => {
      await lb01.signal("SIGKILL");
      lb01 = vipd("lb01", configOf("lb01", 140));
      await lb01.start();
      await stands(140, true);
      const { stdout } = await lb01.command("events");
      assert.match(
        stdout,
        /somebody edited the file while it was on probation .*\[probation_ended\]/,
      );
      const record = await hosts.lb01.run(["test", "-e", RECORD], { check: false });
      assert.equal(record.code, 1, "no later start goes back");
      await write(configOf("lb01", 120));
      assert.equal((await lb01.command("reload")).code, 0);
      await stands(120, false);
      await holders.heldBy("lb01", 10_000);
    },
  );

  await t.step("maintenance hands over and says when it is safe", async () => {
    await waitFor("lb01 to see its peer", sees, LIMITS);
    const { code, stdout, stderr } = await lb01.command("maintenance");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^safe to reboot: lb02 serves VI_1; lb01 stays demoted/m);
    await holders.heldBy("lb02", 5000);
    assert.equal((await lb01.command("maintenance", "--end")).code, 0);
    await holders.heldBy("lb01", 10_000);
  });

  await t.step("nobody is left: a check that can only fail is not taken", async () => {
    await lb02.stop();
    await waitFor("lb02 to be silent", async () => !await sees(), LIMITS);
    await write(configOf("lb01", 120, DEAD_CHECK));
    const refused = await lb01.command("reload");
    assert.equal(refused.code, 6, refused.stderr);
    assert.match(refused.stderr, /would be in fault: check site is down: .*\[leaves_nobody\]/);
    assert.deepEqual(holders.now(), ["lb01"]);
    const forced = await lb01.command("reload", "--force");
    assert.equal(forced.code, 0, forced.stderr);
    assert.match(forced.stdout, /check site: down: [^]*VI_1: [A-Z]+, check site is down/);
  });
});
