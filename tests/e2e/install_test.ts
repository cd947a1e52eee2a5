/**
 * From nothing to a protected pair and back: the README's commands for installing, typed as they stand, and those of
 * docs/install.md that remove vipd. `ssh` and `scp` go to lab hosts. On lb01 systemd seems to run, and `systemctl` starts
 * what the unit says; on lb02 it does not run, and what `vipd init` prints is typed. Needs root: the hosts have users and
 * files of their own.
 *
 * @module
 */

import assert from "node:assert/strict";
import { HolderWatch } from "../../lab/holders.ts";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import { PAIR_PLAN } from "../../lab/pair_config.ts";
import type { LabProcess } from "../../lab/process.ts";
import { waitFor } from "../../lab/wait.ts";
import { installSteps, shellLines } from "../readme.ts";
import { executable } from "./built.ts";
import { ownFiles } from "./own_files.ts";
import { paired } from "./pairing.ts";
import { Service, systemdSeemsToRun } from "./service.ts";

const ADDRESS = "192.168.31.5";
const VIPD = "/usr/local/bin/vipd";
const CONFIG = "/etc/vipd/vipd.yaml";
const READY = "VI_1 is served by lb01; lb02 is ready";
const INSTALL = "docs/install.md";
const UNITS = "/etc/systemd/system/vipd.service /etc/systemd/system/vipd-front.service";
const SYSTEMCTL = /^systemctl /;

Deno.test({
  name: "the README's steps make a protected pair of two fresh machines, with and without systemd",
  // A user namespace has one user; these hosts have two.
  ignore: Deno.uid() !== 0,
}, async () => {
  await using built = await executable();
  await using lab = await Lab.open(`install-${crypto.randomUUID()}`, PAIR_PLAN);
  const [lb01, lb02] = [lab.host("lb01"), lab.host("lb02")];
  const hosts: Record<string, LabHost> = { lb01, lb02 };
  for (const host of Object.values(hosts)) {
    await ownFiles(host);
    await Nginx.serve(host);
  }
  await systemdSeemsToRun(lb01);
  const holders = await HolderWatch.start(Object.values(hosts), ADDRESS);
  using services = new DisposableStack();
  const service: { lb01?: Service } = {};
  const said: string[] = [];
  for (const { host: name, command } of await installSteps()) {
    if (name === null) continue;
    const host = hosts[name]!;
    if (command === "scp") await host.run(["cp", built.path, VIPD]);
    else if (command === "vipd pair") await paired(lb01, lb02, [VIPD]);
    else if (command === "vipd pair --join") continue;
    else if (command === "systemctl enable --now vipd" && name === "lb01") {
      service.lb01 = services.use(await Service.start(lb01));
      await holders.heldBy("lb01", 10_000);
    } else if (command === "systemctl enable --now vipd") {
      const start = /Start it, on both:\n {2}(.*)\n$/.exec(said[1]!)?.[1];
      assert.equal(start, "vipd run", said[1]);
      engineTyped(lb02, start!);
      await ready(lb02);
    } else {
      const { stdout, stderr, code } = await typed(host, command);
      // The doctor of a lab host misses a clock that follows something, and says so.
      assert.ok(code === 0 || command === "vipd doctor", `${command}: ${stderr}`);
      said.push(stdout);
      if (command.startsWith("vipd init")) {
        assert.equal(/systemd does not run this machine/.test(stderr), name === "lb02", stderr);
      }
    }
  }

  const [first, second, statusOfMaster, statusOfBackup, doctor] = said;
  assert.match(
    first!,
    /On the other node:\n {2}vipd init --address 192\.168\.31\.5\/24 --vrid 55 --role backup\n/,
  );
  assert.match(
    first!,
    /written: \S+\/vipd\.service\n[^]*Start it, on both:\n {2}systemctl daemon-/,
  );
  assert.match(first!, /^made: the user vipd-front, with the group vipd-front\n/m);
  assert.match(first!, /^made: the folder \/etc\/vipd\n/m);
  assert.match(second!, /--role master\n/);
  assert.doesNotMatch(second!, /\.service|systemctl/);
  assert.match(statusOfMaster!, /VI_1 +MASTER/);
  assert.match(statusOfBackup!, /VI_1 +BACKUP/);
  assert.doesNotMatch(doctor!, /^error /m, doctor);
  await withoutSystemd(lb02);

  await unitForAConfigurationThatIsThere(lb01);
  const [front] = service.lb01!.wanted;
  await confinedAsTheUnitSays(lb01, service.lb01!, ENGINE);
  await confinedAsTheUnitSays(lb01, front!, FRONT);
  await Promise.all([service.lb01!, front!].map((one) => one.says("WATCHDOG=1")));
  await service.lb01!.stop();
  await holders.heldBy("lb02", 5000);

  for (const host of [lb01, lb02]) {
    assert.match(await ownedPlaces(host), /\/var\/lib\/vipd\n[^]*^vipd:/m);
    await uninstalled(host);
    assert.equal(await ownedPlaces(host), "");
  }
});

/** As a person types it there, in a folder that is closed to others, as root's home mostly is. */
async function typed(host: LabHost, command: string) {
  const home = "mkdir -p -m 700 /run/root; cd /run/root; PATH=/usr/local/bin:$PATH";
  return await host.run(["sh", "-c", `${home}; ${command}`], { check: false });
}

function engineTyped(host: LabHost, command: string): LabProcess {
  return host.start("vipd run", ["sh", "-c", `PATH=/usr/local/bin:$PATH; cd /; exec ${command}`]);
}

async function ready(host: LabHost): Promise<void> {
  const first = async () => (await typed(host, "vipd status")).stdout.split("\n")[0];
  await waitFor(`${host.name} to say: ${READY}`, async () => await first() === READY, {
    ...{ timeoutMs: 60_000, everyMs: 300 },
    explain: async () => (await typed(host, "vipd status")).stdout,
  });
}

/** On lb02 vipd runs as root: its files are judged for root. Then docs/install.md makes it run as a user of its own. */
async function withoutSystemd(host: LabHost): Promise<void> {
  const taken = async () => {
    const { code, stdout, stderr } = await typed(host, "vipd check --probe && vipd reload");
    assert.deepEqual([code, stderr], [0, ""], stdout);
    assert.match(stdout, /nothing to reload|reloaded|nothing changed/i);
  };
  const owner = async (path: string) => (await typed(host, `stat -c %U ${path}`)).stdout.trim();
  // Units that are there, as from a package, run nothing here.
  assert.equal((await typed(host, "vipd init --unit-only")).code, 0);
  await taken();
  await typed(host, `rm ${UNITS}; userdel vipd; userdel vipd-front; chown root:root ${CONFIG}`);
  assert.equal(await owner("/var/lib/vipd/pair/api.key"), "root");
  const [stop] = await shellLines(INSTALL, "On SIGTERM or SIGINT");
  const [make, ...gives] = await shellLines(INSTALL, "The engine needs two capabilities");
  const run = gives.pop()!;
  assert.equal((await typed(host, `${stop!}; while pgrep -x vipd; do sleep 0.1; done`)).code, 0);
  assert.equal((await typed(host, make!)).code, 0);

  // The remedies of a start in a folder of another user are commands, and cure it.
  await typed(host, `chown -R vipd:vipd /var/lib/vipd; chgrp vipd ${CONFIG}; chmod 640 ${CONFIG}`);
  const refused = await typed(host, "vipd run");
  assert.equal(refused.code, 1);
  const remedy = /who can change it; (chown -R \w+ \S+), run vipd as that user/.exec(
    refused.stderr,
  );
  assert.equal(remedy?.[1], "chown -R root /var/lib/vipd", refused.stderr);
  const noFolder = await typed(host, run);
  const giving = /let root give it to this user \((.*)\), or/.exec(noFolder.stderr);
  assert.equal(giving?.[1], "chown -R vipd /run/vipd", noFolder.stderr);
  // Files of the pair that this user may not read: the check of root says so, with the command that cures it.
  const judged = await typed(host, "chown root /var/lib/vipd/pair/*; vipd check");
  const own =
    /for vipd, the owner of \/var\/lib\/vipd: [^\n]*; (chown -R vipd \S+) \[invalid_tls\]/;
  assert.match(judged.stderr, own);
  assert.equal((await typed(host, own.exec(judged.stderr)![1]!)).code, 0);

  for (const line of gives) {
    const { code, stderr } = await typed(host, line);
    assert.equal(code, 0, `${line}: ${stderr}`);
  }
  const engine = engineTyped(host, run);
  await ready(host);
  await taken();
  assert.match(await Deno.readTextFile(`/proc/${await engine.pid()}/status`), /^CapEff:\t0+3000$/m);
}

/** docs/install.md, without the lines that it leaves to systemd where that does not run. */
async function uninstalled(host: LabHost): Promise<void> {
  const [disable, ...lines] = await shellLines(INSTALL, "## Uninstall a copied executable");
  assert.match(disable!, SYSTEMCTL);
  const [stop] = await shellLines(INSTALL, "On SIGTERM or SIGINT");
  if (host.name === "lb02") await typed(host, `${stop!}; while pgrep -x vipd; do sleep 0.1; done`);
  for (const line of lines.filter((one) => !SYSTEMCTL.test(one))) {
    const { code, stderr } = await typed(host, line);
    const isMissing = line.startsWith("userdel ") && /does not exist/.test(stderr);
    assert.ok(code === 0 || isMissing, `${line}: ${stderr}`);
  }
}

/** All places and accounts of vipd's on a host. */
async function ownedPlaces(host: LabHost): Promise<string> {
  const places = "/etc/vipd* /etc/systemd/system/vipd* /etc/sysctl.d/*vipd* /var/lib/vipd* " +
    "/var/cache/vipd* /run/vipd* /usr/local/bin/vipd*";
  const accounts = "getent passwd vipd vipd-front; getent group vipd vipd-front";
  return (await typed(host, `ls -d ${places} 2>/dev/null; ${accounts}`)).stdout;
}

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
  assert.ok(stdout.includes(`changed: ${config}: mode 0640, group vipd\n`), stdout);
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
