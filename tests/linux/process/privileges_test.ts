/** The daemon with the two capabilities that its unit leaves it, and nothing else of root's powers. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { saysEnded } from "../../../lab/process.ts";
import { delay, ip, namespaceTest } from "../namespace.ts";

const MAIN = fileURLToPath(new URL("../../../main.ts", import.meta.url));
/** CAP_NET_ADMIN is bit 12, CAP_NET_RAW is bit 13 (linux/capability.h). */
const NET_ADMIN_AND_RAW = "0000000000003000";
const LIMIT_MS = 15_000;

/** As CapabilityBoundingSet= and NoNewPrivileges= of config/vipd.service. */
const CONFINED = [
  ...["--bounding-set", "-all,+net_admin,+net_raw"],
  ...["--inh-caps", "-all", "--no-new-privs"],
];

function configuration(folder: string): string {
  return `node: lb01
run_dir: ${folder}/run
state_dir: ${folder}/state
api: { listen: "unix:${folder}/api.sock" }
instances:
  - name: VI_1
    interface: eth0
    vrid: 55
    version: 3
    advert_interval: 100ms
    addresses: [192.168.31.5/24]
    virtual_mac: true
  - name: VI_2
    interface: eth0
    vrid: 56
    version: 3
    advert_interval: 100ms
    accept: false
    addresses: [192.168.31.6/24]
`;
}

function holds(...addresses: string[]): boolean {
  const all = ip("-j address show").replaceAll(/\s/g, "");
  return addresses.every((address) => all.includes(`"local":"${address}"`));
}

/** Capabilities of each thread of a process: effective, permitted, bounding set; and whether it may gain others. */
function threads(pid: number): string[] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) => {
    const status = statusOf(`/proc/${pid}/task/${name}/status`);
    if (status === null) return [];
    const field = (key: string) => new RegExp(`^${key}:\\s*(\\S+)$`, "m").exec(status)?.[1];
    return [["CapEff", "CapPrm", "CapBnd", "NoNewPrivs"].map(field).join(" ")];
  });
}

/** `null` of a thread that has ended meanwhile: the runtime ends those that it does not need. */
function statusOf(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (saysEnded(error)) return null;
    throw error;
  }
}

namespaceTest(
  import.meta.url,
  "with CAP_NET_ADMIN and CAP_NET_RAW alone, in every thread, vipd does all of its work",
  async () => {
    const folder = await Deno.makeTempDir();
    ip("link set lo up");
    ip("link add eth0 type veth peer name far0");
    for (const end of ["eth0", "far0"]) ip(`link set ${end} up`);
    ip("address add 192.168.31.11/24 dev eth0");
    await Deno.writeTextFile(`${folder}/vipd.yaml`, configuration(folder));
    const run = [Deno.execPath(), "run", "-A", "--no-check", MAIN, "run"];
    const daemon = new Deno.Command("setpriv", {
      args: [...CONFINED, ...run, "--config", `${folder}/vipd.yaml`],
      stderr: "piped",
    }).spawn();
    try {
      const endMs = performance.now() + LIMIT_MS;
      while (!holds("192.168.31.5", "192.168.31.6") && performance.now() < endMs) await delay(50);
      ok(holds("192.168.31.5", "192.168.31.6"), "both instances are master");
      const tasks = threads(daemon.pid);
      const capabilities = new Set(tasks);
      ok(tasks.length > 1);
      deepStrictEqual([...capabilities], [`${`${NET_ADMIN_AND_RAW} `.repeat(3)}1`]);
      // In a user namespace of one id the front has no other user to be.
      const hasOthers = !/ 1\n$/.test(await Deno.readTextFile("/proc/self/uid_map"));
      if (hasOthers) strictEqual(existsSync(`${folder}/run/front`), false, "no front is started");
      daemon.kill("SIGTERM");
      const [{ code }, log] = await Promise.all([
        daemon.status,
        new Response(daemon.stderr).text(),
      ]);
      strictEqual(code, 0, log);
      strictEqual(holds("192.168.31.5") || holds("192.168.31.6"), false);
      strictEqual(/EPERM|permitted/i.test(log), false, log);
      // It cannot make its front another user, and a front of root's could do what it can.
      if (hasOthers) ok(/no front runs as root: give it CAP_SETUID/.test(log), log);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
