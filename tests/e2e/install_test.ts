/**
 * From nothing to a working pair: the README's commands for installing, typed as they stand. `ssh` and `scp` go to lab
 * hosts, and `systemctl` starts what the unit says. Needs root: the hosts have users and files of their own.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import { PAIR_PLAN } from "../../lab/pair_config.ts";
import { installCommands } from "../readme.ts";
import { executable } from "./built.ts";
import { ownFiles } from "./own_files.ts";
import { Service } from "./service.ts";

const ADDRESS = "192.168.31.5";

Deno.test({
  name: "the README's steps make a working pair out of two fresh machines",
  // A user namespace has one user; these hosts have two.
  ignore: Deno.uid() !== 0,
}, async () => {
  await using built = await executable();
  await using lab = await Lab.open(`install-${crypto.randomUUID()}`, PAIR_PLAN);
  const hosts: Record<string, LabHost> = { lb01: lab.host("lb01"), lb02: lab.host("lb02") };
  for (const host of Object.values(hosts)) {
    await ownFiles(host);
    await Nginx.serve(host);
  }
  const holders = await HolderWatch.start(Object.values(hosts), ADDRESS);
  using services = new DisposableStack();
  const running = new Map<string, Service>();
  const said: string[] = [];
  for (const line of await installCommands()) {
    const scp = /^scp dist\/vipd root@(\w+):(\S+)$/.exec(line);
    const ssh = /^ssh root@(\w+) (.+)$/.exec(line);
    if (scp) {
      await hosts[scp[1]!]!.run(["cp", built.path, scp[2]!]);
    } else if (ssh?.[2] === "systemctl enable --now vipd") {
      running.set(ssh[1]!, services.use(await Service.start(hosts[ssh[1]!]!)));
      await holders.heldBy("lb01", 10_000);
    } else if (ssh) {
      const command = ["sh", "-c", `PATH=/usr/local/bin:$PATH ${ssh[2]}`];
      const { stdout, stderr, code } = await hosts[ssh[1]!]!.run(command, { check: false });
      // The doctor of a lab host misses systemd's own things, and says so.
      assert.ok(code === 0 || ssh[2] === "vipd doctor", `${line}: ${stderr}`);
      said.push(stdout);
    } else {
      assert.match(line, /^npx -y deno@\S+ task compile$/, "a command that nobody tests");
    }
  }

  const [first, second, statusOfMaster, statusOfBackup, doctor] = said;
  assert.match(
    first!,
    /On the other node:\n {2}vipd init --address 192\.168\.31\.5\/24 --vrid 55 --role backup/,
  );
  assert.match(second!, /--role master/);
  assert.match(statusOfMaster!, /VI_1 +MASTER/);
  assert.match(statusOfBackup!, /VI_1 +BACKUP/);
  assert.doesNotMatch(doctor!, /^error /m, doctor);

  await unitForAConfigurationThatIsThere(hosts.lb01!);
  const service = running.get("lb01")!;
  const [front] = service.wanted;
  await confinedAsTheUnitSays(hosts.lb01!, service, ENGINE);
  await confinedAsTheUnitSays(hosts.lb01!, front!, FRONT);
  await Promise.all([service, front!].map((one) => one.says("WATCHDOG=1")));
  await running.get("lb01")!.stop();
  await holders.heldBy("lb02", 5000);
  const backup = running.get("lb02")!;
  await backup.says("STATUS=VI_1 master").catch((error) => {
    if (!backup.told.includes("STATUS=VI_1 master")) throw error;
  });
});

/** What `vipd import` leaves: a configuration that root alone may read, and no units. */
async function unitForAConfigurationThatIsThere(host: LabHost): Promise<void> {
  const units = ["vipd", "vipd-front"].map((name) => `/etc/systemd/system/${name}.service`);
  const config = "/etc/vipd/vipd.yaml";
  const run = async (command: string) => await host.run(["sh", "-c", command], { check: false });
  const all = `cat ${units.join(" ")}`;
  const written = (await run(all)).stdout;
  await run(`rm ${units.join(" ")}; chown root:root ${config}; chmod 600 ${config}`);
  const { code, stdout, stderr } = await run("/usr/local/bin/vipd init --unit-only");
  assert.equal(code, 0, stderr);
  for (const unit of units) assert.ok(stdout.includes(`written: ${unit}\n`), stdout);
  assert.equal((await run(all)).stdout, written);
  assert.equal((await run(`stat -c %U:%G:%a ${config}`)).stdout.trim(), "root:vipd:640");
  const again = await run("/usr/local/bin/vipd init --unit-only");
  assert.deepEqual([again.code, again.stdout], [1, ""]);
  assert.match(again.stderr, /vipd\.service and \S+-front\.service exist; --force replaces them/);
}

interface Confinement {
  readonly user: string;
  readonly groups: readonly string[];
  readonly capabilities: bigint;
  readonly writes: string;
}

const ENGINE: Confinement = {
  user: "vipd",
  groups: ["vipd-front"],
  // CAP_NET_ADMIN and CAP_NET_RAW.
  capabilities: 0x3000n,
  writes: "/var/lib/vipd",
};
const FRONT: Confinement = {
  user: "vipd-front",
  groups: [],
  capabilities: 0n,
  writes: "/run/vipd-front",
};

/** The process as the kernel sees it, proc_pid_status(5). */
async function confinedAsTheUnitSays(
  host: LabHost,
  service: Service,
  { user, groups, capabilities, writes }: Confinement,
): Promise<void> {
  const pid = await service.process.pid();
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const value = (key: string) => new RegExp(`^${key}:[ \\t]*(.*)$`, "m").exec(status)![1]!.trim();
  const id = async (database: string, name: string) =>
    (await host.run(["getent", database, name])).stdout.split(":")[2]!;
  assert.equal(value("Name"), "vipd");
  assert.deepEqual(value("Uid").split("\t"), Array(4).fill(await id("passwd", user)));
  const others = await Promise.all(groups.map((group) => id("group", group)));
  assert.equal(value("Groups"), others.join(" "));
  for (const set of ["CapPrm", "CapEff", "CapBnd"]) {
    assert.equal(BigInt(`0x${value(set)}`), capabilities, set);
  }
  // What vipd starts gets none of them.
  assert.equal(BigInt(`0x${value("CapAmb")}`), 0n);
  assert.equal(value("NoNewPrivs"), "1");
  const write = (path: string) =>
    host.run(["nsenter", `--mount=/proc/${pid}/ns/mnt`, "touch", path], {
      check: false,
      network: true,
    });
  for (const path of ["/etc/vipd/x", "/usr/local/bin/x", "/var/log/x", "/run/x"]) {
    assert.match((await write(path)).stderr, /Read-only file system/, path);
  }
  assert.equal((await write(`${writes}/x`)).code, 0);
}
