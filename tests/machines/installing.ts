/** From fresh machines to a pair, as README.md and docs/install.md say. */

import assert from "node:assert/strict";
import type { BalancerName } from "../../lab/cluster.ts";
import { shellWord } from "../../src/wire/shell_word.ts";
import { paired, type Shell } from "../e2e/pairing.ts";
import { installSteps } from "../readme.ts";
import { LIMIT_MS, type Node, type Pair } from "./pair.ts";

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

/** Which of the README's steps are followed. */
export interface Followed {
  /** What is copied; without it, those steps are left out: a package has brought it. */
  readonly executable?: string;
  /** Whether the nodes become a pair: the version before has no such command, and one node alone nobody to pair with. */
  readonly pairing?: boolean;
}

/** The README's steps on these nodes. */
export async function followReadme(
  pair: Pair,
  names: readonly BalancerName[],
  { executable, pairing = false }: Followed = {},
): Promise<void> {
  for (const { host, command, target } of await installSteps()) {
    const name = names.find((it) => it === host);
    if (name === undefined) continue;
    const node = pair.nodes[name];
    if (command === "scp") {
      if (executable !== undefined) await node.guest.copy(executable, target!);
    } else if (command === "vipd pair") {
      const { lb01, lb02 } = pair.nodes;
      if (pairing) await paired(shellOf(lb01), shellOf(lb02), ["vipd"]);
      // Typed with the other half.
    } else if (command !== "vipd pair --join") await type(pair, node, command);
  }
}

/** Where somebody types on the machine, who has minutes. */
function shellOf({ name, guest }: Node): Shell {
  const line = (argv: readonly string[]) => argv.map(shellWord).join(" ");
  return {
    name,
    limitMs: LIMIT_MS,
    start: (title, argv) => guest.start(title, line(argv)),
    run: (argv, options) => guest.run(line(argv), options),
  };
}

/** The verdict that the README promises for a pair that its steps have made. */
const READY = "VI_1 is served by lb01; lb02 is ready";

/** Two fresh machines are a protected pair after the README's steps with this package: lb01 serves, lb02 could. */
export async function protectedPair(pair: Pair, file: string): Promise<void> {
  await pair.both(async (node) => {
    await installPackage(node, file);
    await assertNothingRuns(node);
  });
  await followReadme(pair, ["lb01", "lb02"], { pairing: true });
  const { lb01 } = pair.nodes;
  const firstLine = async () => (await lb01.tried("vipd status")).said.split("\n")[0];
  // A command that starts again and again would keep the processor from the peers' questions.
  const sentence = "curl --silent --max-time 20 http://127.0.0.1:9112/v1/pair";
  await lb01.eventually(
    "protection",
    async () =>
      (await lb01.tried(sentence)).said.includes(`"${READY}"`) && await firstLine() === READY,
  );
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
