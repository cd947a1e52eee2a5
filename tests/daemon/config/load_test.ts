/** How a configuration is loaded on the machine that it is for. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { processContext } from "../../../src/cli/context.ts";
import { loadAny } from "../../../src/daemon/config/load.ts";
import { exampleConfig, inFolder } from "../../cli/captured_context.ts";

const INSTANCES = 20;

/** How often `act` asks the machine for the addresses of all its interfaces. */
async function questions(act: () => Promise<void>): Promise<number> {
  const { networkInterfaces } = Deno;
  let asked = 0;
  const counting = () => {
    asked++;
    return networkInterfaces();
  };
  try {
    Object.assign(Deno, { networkInterfaces: counting });
    await act();
  } finally {
    Object.assign(Deno, { networkInterfaces });
  }
  return asked;
}

Deno.test("many instances do not each ask the machine for the addresses of all its interfaces", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "vipd.yaml");
    const instances = Array.from(
      { length: INSTANCES },
      (_, at) =>
        `  - { name: VI_${at}, interface: eth1, vrid: ${at + 1}, addresses: [10.1.1.${at}] }\n`,
    );
    await Deno.writeTextFile(path, `instances:\n${instances.join("")}`, { mode: 0o600 });
    const asked = await questions(async () => {
      const loaded = await loadAny(path, processContext(), { lenient: true });
      assert.ok(loaded.ok);
      assert.equal(loaded.config.instances.length, INSTANCES);
    });
    assert.equal(asked, 1);
  });
});

Deno.test("a certificate of the API that ends soon is a warning with the remedy, unless an engine starts", () =>
  inFolder(async (folder) => {
    const [path, cert, key] = ["vipd.yaml", "api.pem", "api.key"].map((name) => join(folder, name));
    const listen = `192.168.31.11:9112\n  tls: { cert: ${cert}, key: ${key} }`;
    await Deno.writeTextFile(path!, exampleConfig(folder, listen), { mode: 0o600 });
    const found = async (lenient = false) => {
      const loaded = await loadAny(path!, processContext(), { lenient });
      assert.ok(loaded.ok, JSON.stringify(loaded));
      return loaded.warnings.filter(({ code }) => code === "api_certificate_ends");
    };
    const made = async (days: number) => {
      const command =
        `req -x509 -newkey rsa:2048 -nodes -days ${days} -subj /CN=lb02 -keyout ${key} ` +
        `-addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:lb02,IP:10.0.0.2 -out ${cert}`;
      const openssl = new Deno.Command("openssl", { args: command.split(" "), stderr: "null" });
      assert.ok((await openssl.output()).success);
      await Deno.chmod(key!, 0o600);
    };
    await made(3);
    const [warning] = await found();
    assert.deepEqual([warning?.severity, warning?.key], ["warning", "api.tls.cert"]);
    assert.match(warning!.message, /^the certificate of the API ends on \S+ \(in [23] days\)/);
    assert.match(warning!.hint, /-subj \/CN=lb02 .*subjectAltName=DNS:lb02,IP:10\.0\.0\.2 /);
    assert.deepEqual(await found(true), []);
    await made(30);
    assert.deepEqual(await found(), []);
  }));
