/**
 * What programs of checks get in the executable, started as its unit starts it, as the unit with the drop-in of
 * docs/checks.md does, and by root in a shell that has files open. Needs root.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { PAIR_PLAN } from "../../lab/pair_config.ts";
import { waitFor } from "../../lab/wait.ts";
import type { NodeStatus } from "../../src/status/status.ts";
import { executable } from "./built.ts";

const FOLDER = "/run/lab/programs";
const LOOK = "echo $(grep -E '^Cap' /proc/self/status) $(id -u) files $(ls /proc/self/fd)";
const CONFIG = `
run_dir: ${FOLDER}/run
state_dir: ${FOLDER}/state
api: { listen: "127.0.0.1:9112" }
checks:
  plain: { type: exec, interval: 10s, timeout: 10s, command: [/bin/sh, -c, "${LOOK}"] }
  other: { type: exec, interval: 10s, timeout: 10s, command: [/bin/sh, -c, "${LOOK}"], user: daemon }
instances:
  - { name: VI_1, interface: eth1, vrid: 55, addresses: [192.168.31.5/24] }
`;

const UNIT = "-all,+net_admin,+net_raw";
const DROP_IN = `${UNIT},+setuid,+setgid,+kill`;
const NONE = "CapInh: 0+ CapPrm: 0+ CapEff: 0+ CapBnd: \\w+ CapAmb: 0+";
const FILES = "files 0 1 2 3";

const CASES: readonly {
  readonly name: string;
  readonly started: string;
  readonly plain: RegExp;
  readonly other: RegExp;
}[] = [
  {
    name: "by its unit",
    started: "--reuid=65534 --regid=65534 --clear-groups --no-new-privs " +
      `--bounding-set=${UNIT} --inh-caps=${UNIT} --ambient-caps=${UNIT}`,
    plain: new RegExp(`${NONE} 65534 ${FILES}$`),
    other: /only root can run programs as another user, and vipd is not run as root$/,
  },
  {
    name: "by its unit with the drop-in",
    started: `--no-new-privs --bounding-set=${DROP_IN} --inh-caps=-all --ambient-caps=-all`,
    plain: /CapInh: 0+ .* CapAmb: 0+ 0 files 0 1 2 3$/,
    other: new RegExp(`${NONE} 1 ${FILES}$`),
  },
  {
    name: "by root, with capabilities to hand on",
    started: "--inh-caps=+net_admin,+net_raw --ambient-caps=+net_admin,+net_raw",
    plain: /CapInh: 0+ .* CapAmb: 0+ 0 files 0 1 2 3$/,
    other: new RegExp(`${NONE} 1 ${FILES}$`),
  },
];

Deno.test({
  name: "the executable hands nothing on to check programs, and only root's runs them as others",
  ignore: Deno.uid() !== 0,
  fn: async (t) => {
    await using built = await executable();
    await using lab = await Lab.open(`programs-${crypto.randomUUID()}`, PAIR_PLAN);
    const host = lab.host("lb01");
    for (const { name, started, plain, other } of CASES) {
      await t.step(name, async () => {
        await prepare(host, /--reuid=(\d+)/.exec(started)?.[1] ?? "0");
        const script = `exec 9</etc/passwd 8> >(cat); exec setpriv ${started} "$@"`;
        const vipd = host.start("vipd", [
          ...["env", `CACHE_DIRECTORY=${FOLDER}/cache`, "bash", "-c", script, "bash"],
          ...[built.path, "run", "--config", `${FOLDER}/vipd.yaml`],
        ]);
        const details = await checkDetails(host, () => vipd.lastLines.join("\n"));
        await vipd.stop();
        assert.match(details.plain!, plain);
        assert.match(details.other!, other);
      });
    }
  },
});

/** Folders of the user who runs it, which others may enter, and nothing of an earlier run. */
async function prepare(host: LabHost, user: string): Promise<void> {
  await host.run(["rm", "-rf", FOLDER]);
  await host.write(`${FOLDER}/vipd.yaml`, CONFIG);
  const made = ["run", "state", "cache"].map((name) => `${FOLDER}/${name}`).join(" ");
  const script = `mkdir ${made}; chown -R ${user}:${user} ${FOLDER}; ` +
    `chmod 755 /run/lab ${FOLDER} ${made}; chmod 644 ${FOLDER}/vipd.yaml`;
  await host.run(["sh", "-c", script]);
}

/** What each check has found, once each has. */
async function checkDetails(
  host: LabHost,
  explain: () => string,
): Promise<Readonly<Record<string, string>>> {
  let details: Record<string, string> = {};
  await waitFor("each check's result", async () => {
    const path = `${FOLDER}/run/status.json`;
    const { code, stdout } = await host.run(["cat", path], { check: false });
    if (code !== 0) return false;
    const { status }: { status: NodeStatus } = JSON.parse(stdout);
    const known = status.checks.flatMap(({ name, last }) => last ? [[name, last.detail]] : []);
    details = Object.fromEntries(known);
    return known.length === 2;
  }, { timeoutMs: 20_000, everyMs: 100, explain });
  return details;
}
