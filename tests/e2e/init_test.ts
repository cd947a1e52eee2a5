/**
 * `vipd init` on a link where somebody has the address: without a terminal it writes nothing, on one it asks. Needs root
 * or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { PAIR_PLAN } from "../../lab/pair_config.ts";
import { vipdCommand } from "../../lab/vipd.ts";

const FOLDER = "/run/lab/etc";

async function exists(host: LabHost, path: string): Promise<boolean> {
  return (await host.run(["test", "-e", path], { check: false })).code === 0;
}

Deno.test("init asks the link before it writes, and writes only what it has shown", async () => {
  await using lab = await Lab.open(`init-${crypto.randomUUID()}`, PAIR_PLAN);
  const [lb01, lb02] = [lab.host("lb01"), lab.host("lb02")];
  await lb02.run(["ip", "address", "add", "192.168.31.5/24", "dev", "eth1"]);
  await lb02.run(["ip", "address", "add", "2001:db8::5/64", "dev", "eth1", "nodad"]);
  await lb01.run(["ip", "address", "add", "2001:db8::11/64", "dev", "eth1", "nodad"]);
  const init = [...vipdCommand(Deno.env.get("VIPD_BINARY")), "init", "--no-unit"];
  const output = ["--output", `${FOLDER}/vipd.yaml`];

  const addresses = ["--address", "fe80::5/64", "--address", "2001:db8::5"];
  const given = [...addresses, "--vrid", "55", "--role", "master", "--interface", "eth1"];
  const taken = await lb01.run([...init, ...given, ...output], { check: false });
  assert.equal(taken.code, 1, taken.stderr);
  assert.match(taken.stderr, /answers for 2001:db8::5 on eth1.*\[address_in_use\]/);
  assert.match(taken.stderr, /--no-probe writes all the same/);
  assert.equal(await exists(lb01, FOLDER), false);

  // On a terminal of script(1): the address that is taken, no, another one, and Enter for all else.
  const typed = ["192.168.31.5", "", "", "master", "", "no", "192.168.31.6", "", "", "", "", "yes"];
  const lines = typed.map((line) => `${line}\\n`).join("");
  const command = [...init, ...output].join(" ");
  const shell = `printf '${lines}' | script -qec '${command}' /dev/null`;
  const { code, stdout } = await lb01.run(["sh", "-c", shell], { check: false });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /eth1 \(up\): 192\.168\.31\.11\/24/);
  assert.match(stdout, /answers for 192\.168\.31\.5 on eth1/);
  assert.match(stdout, /Use it all the same\? yes or no: \[no\]/);
  assert.match(stdout, /To be written:\s+\/run\/lab\/etc\/vipd\.yaml/);
  assert.match(
    stdout,
    /On the other node:\s+vipd init .* --no-unit\s+Then, .*\s+vipd pair\s+vipd pair --join\s+Start it/,
  );
  const written = await lb01.run(["ls", FOLDER]);
  assert.deepEqual(written.stdout.trim().split("\n"), ["vipd.schema.json", "vipd.yaml"]);
  const { stdout: text } = await lb01.run(["cat", `${FOLDER}/vipd.yaml`]);
  assert.match(text, /- 192\.168\.31\.6\/24\n/);
});
