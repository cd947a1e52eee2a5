/** Steps of the documents on two running hosts, as the users that they are for: files that the unit's user reads, an upgrade. */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import { waitFor } from "../../lab/wait.ts";
import { linesOf } from "../docs/typed_lines.ts";
import { shellLines } from "../readme.ts";
import { typeLine } from "./documented_lines.ts";

const CONFIG = "/etc/vipd/vipd.yaml";
const AS_VIPD = "setpriv --reuid=vipd --regid=vipd --clear-groups --";

async function run(host: LabHost, command: string, stdin = "") {
  // A folder that is closed to others, as root's home mostly is.
  const home = "mkdir -p -m 700 /run/root; cd /run/root; PATH=/usr/local/bin:$PATH";
  const shell = ["sh", "-c", `${home}; ${command}`];
  return await host.run(shell, { stdin, check: false });
}

/** A configuration that only root reads is no valid one for the service; the remedy that is printed makes it one. */
export async function checkTriesAsTheUnitsUser(host: LabHost): Promise<void> {
  await run(host, `chown root:root ${CONFIG}; chmod 600 ${CONFIG}`);
  const refused = await run(host, "vipd check");
  assert.deepEqual([refused.code, refused.stdout], [3, `${CONFIG} is not valid: 1 error\n`]);
  const found = /for vipd, the user of vipd\.service: .*; (chgrp vipd .*) \[file_unreadable\]/
    .exec(refused.stderr);
  assert.ok(found, refused.stderr);
  await run(host, found[1]!);
  assert.equal((await run(host, "vipd check")).code, 0);
}

/** What others wrote before, and what only the unit's user is to read: docs/migration.md and docs/notifications.md. */
export async function othersFilesBecomeTheUnits(host: LabHost): Promise<void> {
  const [imported, make, permit, ...others] = linesOf("replaced");
  assert.deepEqual(others, []);
  await run(host, `mv ${CONFIG} ${CONFIG}.kept`);
  const taken = await typeLine(host, imported!);
  assert.equal(taken.code, 0, taken.stderr);
  assert.equal((await run(host, `stat -c %U:%G:%a ${CONFIG}`)).stdout.trim(), "root:vipd:640");
  for (const line of [make!, permit!]) {
    const { code, stderr } = await typeLine(host, line);
    assert.equal(code, 0, `${line}: ${stderr}`);
  }
  const hook =
    "{ name: hook, type: webhook, url: https://192.0.2.1/, secret_file: /etc/vipd/webhook.secret }";
  await run(host, `printf 'notify:\n  - ${hook}\n' >>${CONFIG}`);
  const { code, stdout, stderr } = await run(host, `${AS_VIPD} vipd check`);
  assert.deepEqual([code, stderr], [0, ""], stdout);
  await run(host, `mv ${CONFIG}.kept ${CONFIG}`);
}

/** docs/configuration.md: the key of signed adverts, on both nodes. */
export async function keysAreReadByTheUnitsUser(lb01: LabHost, lb02: LabHost): Promise<void> {
  const [make, copy, ...others] = await shellLines("docs/configuration.md", "## Signed adverts");
  assert.deepEqual(others, []);
  const made = await run(lb01, make!);
  assert.equal(made.code, 0, made.stderr);
  const [, typed, file] = /^ssh root@lb02 (.*) < (\S+)$/.exec(copy!) ?? [];
  const key = (await run(lb01, `cat ${file}`)).stdout;
  const copied = await run(lb02, typed!, key);
  assert.equal(copied.code, 0, copied.stderr);
  const signed = "authentication: { type: hmac, keys: [{ id: 1, key_file: /etc/vipd/vrrp.key }] }";
  for (const host of [lb01, lb02]) {
    await run(host, `sed 's|^    vrid:.*|&\\n    ${signed}|' ${CONFIG} >/etc/vipd/signed.yaml`);
    const checked = await run(host, `${AS_VIPD} vipd check /etc/vipd/signed.yaml`);
    assert.equal(checked.code, 0, checked.stdout + checked.stderr);
    assert.equal((await run(host, "cat /etc/vipd/vrrp.key")).stdout, key);
  }
}

/**
 * docs/pair.md: a certificate that vipd did not make. A key that only root reads is refused with the command that lets
 * the unit's user read it.
 */
export async function certificateIsReadByTheUnitsUser(host: LabHost): Promise<void> {
  const [make, permit, ...others] = await shellLines(
    "docs/pair.md",
    "A certificate from elsewhere",
  );
  assert.deepEqual(others, []);
  const [cert, key] = ["/etc/vipd/api.pem", "/etc/vipd/api.key"];
  const asService = `${AS_VIPD} sh -c 'cat ${cert} ${key}'`;
  assert.equal((await run(host, make!)).code, 0);
  assert.notEqual((await run(host, asService)).code, 0, "openssl leaves the key to root");
  const before = (await run(host, `cat ${CONFIG}`)).stdout;
  const tls = `s|tls: {.*}|tls: { cert: ${cert}, key: ${key} }|`;
  await run(host, `sed -i '${tls}' ${CONFIG}`);
  const refused = await run(host, "vipd check");
  assert.equal(refused.code, 3);
  const command = /for vipd, the user of vipd\.service: .*; (chgrp .*) \[invalid_tls\]/
    .exec(refused.stderr)?.[1];
  assert.equal(command, permit, refused.stderr);
  assert.equal((await run(host, command!)).code, 0);
  assert.equal((await run(host, asService)).code, 0);
  const taken = await run(host, "vipd check");
  assert.deepEqual([taken.code, taken.stderr], [0, ""]);
  await host.run(["sh", "-c", `cat >${CONFIG}`], { stdin: before });
}

/** Another node's state, with what `vipd pair` has put there for its API. */
export async function anotherNodeIsRead(host: LabHost, sentence: string): Promise<void> {
  const [ca, token] = ["pem", "token"].map((kind) => `/var/lib/vipd/pair/peer-lb02.${kind}`);
  const status = `vipd status --api https://192.168.31.12:9112 --ca-file ${ca}`;
  const look = async () => {
    const { stdout } = await run(host, `${status} --token-file ${token}`);
    return stdout.split("\n")[0] === sentence;
  };
  await waitFor(`lb02 to say: ${sentence}`, look, { timeoutMs: 10_000, everyMs: 200 });
}

/** docs/operation.md: another executable in the place of the one that runs. The restart is the caller's. */
export async function executableIsReplaced(host: LabHost, executable: string): Promise<void> {
  const [install, restart, ...others] = await shellLines("docs/operation.md", "To upgrade vipd");
  assert.deepEqual([restart, ...others], ["systemctl restart vipd"]);
  const copy = await run(host, `cp ${executable} /usr/local/bin/vipd`);
  // Of a script, as the portable executable is one, the kernel runs the shell.
  const isScript = (await run(host, `head -c 2 ${executable}`)).stdout === "#!";
  assert.match(copy.stderr, isScript ? /^$/ : /Text file busy/);
  const folder = "/run/upgrade";
  const done = await run(
    host,
    `mkdir ${folder}; cd ${folder}; ln -s ${executable} vipd; ${install}`,
  );
  assert.equal(done.code, 0, done.stderr);
}
