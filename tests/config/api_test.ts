/** Who reaches the API: TLS, and what is told where there is none. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { usableConfig } from "../../src/config/fast_path.ts";
import { parseConfig } from "../../src/config/load.ts";
import { certificate } from "../front/certificates.ts";
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
    assert.ok(remote.tls && "cert" in remote.tls);
    assert.match(remote.tls.cert, /^-----BEGIN CERTIFICATE-----/);
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

Deno.test("clear text that is not asked for is refused where other machines reach the API", async (t) => {
  const rows = ["", ", allow_plaintext: false"];
  for (const said of rows) {
    await t.step(said === "" ? "not said" : said.slice(2), () => {
      const found = diagnose(withTop(`api: { listen: 192.168.31.11:9112${said} }`));
      assert.deepEqual(found.map(({ severity, code, key }) => [severity, code, key]), [
        ["error", "listen_not_local", "api.listen"],
      ]);
    });
  }
});

Deno.test("certificates and keys that are none are reported, and not quoted", async () => {
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

Deno.test("a key that is another certificate's is reported", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["one", "other"]) await certificate(folder, name);
    const told = (key: string) =>
      diagnose(withTop(`api: { tls: { cert: ${folder}/one.pem, key: ${folder}/${key}.key } }`))
        .map(({ code, key, message }) => [code, key, message]);
    assert.deepEqual(told("one"), []);
    const message = `it is not the key of the certificate in "${folder}/one.pem"`;
    assert.deepEqual(told("other"), [["invalid_tls", "api.tls.key", message]]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a certificate that other nodes refuse is a warning, with the command that makes a right one", async () => {
  const folder = await Deno.makeTempDir();
  const [cert, key] = [`${folder}/api.pem`, `${folder}/api.key`];
  const openssl = async (command: string) => {
    const [program, ...args] = command.split(" ");
    const { success } = await new Deno.Command(program!, { args, stderr: "null" }).output();
    assert.ok(success, command);
    await Deno.chmod(key, 0o600);
  };
  const listen = '"127.0.0.1:9112", "192.168.31.11:9112"';
  const found = () =>
    diagnose(withTop(
      `node: lb01`,
      `api: { listen: [${listen}], tls: { cert: ${cert}, key: ${key} }, read_token_file: /t }`,
    ));
  try {
    await openssl(
      `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout ${key} -out ${cert}`,
    );
    const [warning, ...others] = found();
    assert.deepEqual(others, []);
    assert.deepEqual([warning?.severity, warning?.code, warning?.key], [
      ...["warning", "certificate_of_authority", "api.tls.cert"],
    ]);
    const command = /openssl .*$/.exec(warning!.hint)?.[0] ?? "";
    assert.match(command, /subjectAltName=DNS:lb01,IP:192\.168\.31\.11 /);
    await openssl(command);
    assert.deepEqual(found(), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("for an engine that starts, certificates and keys that cannot be used are no error", async () => {
  const secret = await Deno.makeTempFile();
  await Deno.writeTextFile(secret, "garbage\n");
  const text = withTop(
    `api: { listen: ["127.0.0.1:1", "0.0.0.0:2"], tls: { cert: /nonexistent, key: ${secret} } }`,
    `checks: { web: { type: http, url: "https://127.0.0.1/", ca: ${secret} } }`,
    `peers: [{ name: lb02, url: "https://192.168.31.12:9112", ca: /nonexistent }]`,
  );
  const options = { hostname: "lb01" };
  try {
    const refused = parseConfig(text, "vipd.yaml", options);
    assert.ok(!refused.ok);
    const places = ["api.tls.cert", "api.tls.key", "checks.web.ca", "peers[0].ca"];
    assert.deepEqual(refused.diagnostics.map(({ code, key }) => [code, key]), [
      ...places.map((place) => ["invalid_tls", place]),
    ]);
    const taken = parseConfig(text, "vipd.yaml", { ...options, lenient: true });
    assert.ok(taken.ok);
    assert.deepEqual(taken.warnings, [
      ...refused.diagnostics.map((diagnostic) => ({ ...diagnostic, severity: "warning" })),
    ]);
    const { api, checks, peers } = taken.config;
    const [local, remote] = api.listen;
    assert.ok(local?.kind === "tcp" && local.tls === undefined);
    // It listens with TLS or not at all.
    assert.ok(remote?.kind === "tcp" && remote.tls && "problem" in remote.tls);
    assert.match(
      remote.tls.problem,
      /^api\.tls\.cert: "\/nonexistent" cannot be read: there is no such file; name a file .*; api\.tls\.key: .* holds no private key; .*; then vipd reload$/,
    );
    assert.ok(checks[0]?.type === "http" && !("ca" in checks[0]) && !("ca" in peers[0]!));
    assert.deepEqual(usableConfig(text, "lb01"), taken.config);
  } finally {
    await Deno.remove(secret);
  }
});

Deno.test("an engine that starts needs the keys of its adverts", () => {
  const authentication =
    "authentication: { type: hmac, keys: [{ id: 1, key_file: /nonexistent }] }";
  const text =
    `instances: [{ name: VI_1, interface: eth1, vrid: 5, addresses: [192.0.2.5/24], ${authentication} }]\n`;
  const refused = parseConfig(text, "vipd.yaml", { hostname: "lb01", lenient: true });
  assert.ok(!refused.ok);
  assert.deepEqual(refused.diagnostics.map(({ code }) => code), ["invalid_key"]);
});
