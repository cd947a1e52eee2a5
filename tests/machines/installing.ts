/** From fresh machines to a pair, as README.md and docs/install.md say. */

import assert from "node:assert/strict";
import type { BalancerName } from "../../lab/cluster.ts";
import { installCommands } from "../readme.ts";
import type { Node, Pair } from "./pair.ts";

const PACKAGE = "/tmp/vipd.deb";

/**
 * An emulated processor is late now and then: a second is no time for a check, nor for three adverts; and a request takes
 * so long that one is under way whenever the address moves, which is what `drain` is for. The lease outlasts the minutes that
 * a goodbye may take.
 */
const PATIENT = "sed -i -e '/type: http/,/timeout/ s/: [12]s$/: 20s/' " +
  "-e 's/^\\( *\\)advert_interval: 1s/\\1advert_interval: 2s\\n\\1drain: 10s\\n\\1lease: 600s/' /etc/vipd/vipd.yaml";

/** `apt install`, as the guide says. */
export async function installPackage(node: Node, file: string): Promise<string> {
  await node.guest.copy(file, PACKAGE);
  return await node.run(`apt install --yes ${PACKAGE}`);
}

/** Another package in the place of the one that is installed, whichever is newer. */
export async function replacePackage(node: Node, file: string): Promise<string> {
  await node.guest.copy(file, PACKAGE);
  return await node.run(`dpkg --install ${PACKAGE}`);
}

/** Does something with limits that an emulated machine needs for a portable executable, or for a goodbye. */
export async function patiently(pair: Pair, act: () => Promise<void>): Promise<void> {
  const [folder, reload] = ["/run/systemd/system/vipd.service.d", "systemctl daemon-reload"];
  const limits = "[Service]\\nTimeoutStartSec=600s\\nTimeoutStopSec=300s\\n";
  const write = `mkdir -p ${folder} && printf '${limits}' >${folder}/patient.conf && ${reload}`;
  await pair.both((node) => node.run(write));
  await act();
  await pair.both((node) => node.run(`rm -r ${folder} && ${reload}`));
}

/** Another executable in the place of the one that the package has brought. */
export async function replaceExecutable(node: Node, file: string): Promise<void> {
  await node.run("systemctl stop vipd");
  await node.guest.copy(file, "/usr/bin/vipd.new");
  await node.run("mv /usr/bin/vipd.new /usr/bin/vipd && systemctl start vipd");
  await node.serves();
}

/** A package alone enables nothing and, without a configuration, starts nothing. */
export async function assertNothingRuns(node: Node): Promise<void> {
  assert.equal((await node.tried("systemctl is-enabled vipd")).said.trim(), "disabled");
  await node.run("systemctl start vipd");
  const { said } = await node.tried("systemctl is-active vipd vipd-front");
  assert.deepEqual(said.trim().split("\n"), ["inactive", "inactive"]);
}

/**
 * The README's steps on these nodes.
 *
 * @param executable what they copy; without it, those steps are left out: a package has brought it
 */
export async function followReadme(
  pair: Pair,
  names: readonly BalancerName[],
  executable?: string,
): Promise<void> {
  for (const line of await installCommands()) {
    const [, copied, target] = /^scp dist\/vipd root@(\w+):(\S+)$/.exec(line) ?? [];
    const [, typed, command] = /^ssh root@(\w+) (.+)$/.exec(line) ?? [];
    const name = names.find((it) => it === copied || it === typed);
    if (name === undefined) continue;
    const node = pair.nodes[name];
    if (command !== undefined) await type(pair, node, command);
    else if (executable !== undefined) await node.guest.copy(executable, target!);
  }
}

/** Types one of the README's commands, as a person does who looks again when nothing answers yet. */
async function type(pair: Pair, node: Node, command: string): Promise<void> {
  if (command === "vipd status") {
    await pair.servedBy("lb01");
    const state = node.name === "lb01" ? /VI_1 +MASTER/ : /VI_1 +BACKUP/;
    await node.eventually(`${state}`, async () => state.test((await node.tried(command)).said));
    return;
  }
  const { code, said } = await node.tried(command);
  // A machine of the lab has no source of time, and the doctor says so.
  if (command === "vipd doctor") assert.doesNotMatch(said, /^error /m);
  else assert.equal(code, 0, `${command}: ${said}`);
  if (command.startsWith("vipd init")) await node.run(PATIENT);
}

/** The units that `vipd init` has written, and no others. */
export async function assertOwnUnits(node: Node): Promise<void> {
  await node.serves();
  for (const name of ["vipd.service", "vipd-front.service"]) {
    const place = await node.run(`systemctl show --value --property=FragmentPath ${name}`);
    assert.equal(place.trim(), `/etc/systemd/system/${name}`);
  }
}
