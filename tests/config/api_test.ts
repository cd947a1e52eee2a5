/** Who reaches the API: TLS, and what is told where there is none. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { diagnose, parseValid, withTop } from "./support.ts";

const CERT = fileURLToPath(new URL("../health/tls/certificate.pem", import.meta.url));
const KEY = fileURLToPath(new URL("../health/tls/key.pem", import.meta.url));

/** A copy of the key that only its owner reads, as the repository cannot keep it. */
async function withKey(act: (path: string) => void): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.copyFile(KEY, path);
    await Deno.chmod(path, 0o600);
    act(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("TLS is spoken where other machines reach the API, and there alone", async () => {
  await withKey((key) => {
    const listen =
      '["127.0.0.1:1", "[::1]:1", "192.168.31.11:1", "0.0.0.0:2", "[2001:db8::1]:1", "unix:/a"]';
    const text = withTop(`api: { listen: ${listen}, tls: { cert: ${CERT}, key: ${key} } }`);
    const { config, warnings } = parseValid(text);
    assert.deepEqual(warnings, []);
    const spoken = config.api.listen.map((it) => it.kind === "tcp" && it.tls !== undefined);
    assert.deepEqual(spoken, [false, false, true, true, true, false]);
    const [, , remote] = config.api.listen;
    assert.ok(remote?.kind === "tcp");
    assert.match(remote.tls!.cert, /^-----BEGIN CERTIFICATE-----/);
  });
});

Deno.test("clear text where other machines reach the API has to be asked for, and is warned of", () => {
  const text = withTop("api: { listen: 192.168.31.11:9112, allow_plaintext: true }");
  const { config, warnings } = parseValid(text);
  assert.equal(config.api.listen.length, 1);
  assert.deepEqual(warnings.map(({ code, key }) => [code, key]), [[
    "listen_plaintext",
    "api.listen",
  ]]);
});

Deno.test("certificates and keys that are none are told, and not quoted", async () => {
  const secret = await Deno.makeTempFile();
  await Deno.writeTextFile(secret, "hunter2\n");
  await Deno.chmod(secret, 0o600);
  const cases = [
    [secret, secret, ["holds no certificate", "holds no private key"]],
    ["/nonexistent/a", "/nonexistent/b", ["no such file", "no such file"]],
    [CERT, CERT, ["every user of this machine can read"]],
    ["cert.pem", secret, ["not an absolute path", "holds no private key"]],
  ] as const;
  try {
    for (const [cert, key, says] of cases) {
      const found = diagnose(withTop(`api: { tls: { cert: ${cert}, key: ${key} } }`));
      assert.deepEqual(found.length, says.length, JSON.stringify(found));
      for (const [at, text] of says.entries()) assert.ok(found[at]!.message.includes(text), text);
      assert.ok(!JSON.stringify(found).includes("hunter2"));
    }
  } finally {
    await Deno.remove(secret);
  }
});
