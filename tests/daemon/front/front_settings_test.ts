import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/load.ts";
import type { Config } from "../../../src/config/model.ts";
import {
  frontSettings,
  secretFiles,
  servedPlaces,
  socketLinks,
} from "../../../src/daemon/front/front_settings.ts";

/** A configuration with everything that is secret, and `api`. */
function configWith(api: string): Config {
  const parsed = parseConfig(
    `
node: lb01
run_dir: /run/x
api: ${api}
checks:
  site: { type: http, url: "http://127.0.0.1/check-secret" }
notify:
  - { type: exec, name: script, command: [/bin/true, exec-secret] }
  - { type: webhook, name: hook, url_file: /etc/hook, secret_file: /etc/hook.key, ca_file: /etc/hook.pem }
  - { type: email, name: mail, to: [a@example.org], from: b@example.org, server: mx.example.org, username: u, password_file: /etc/mail.key }
peers: [{ name: lb02, url: "http://127.0.0.2:9112", token_file: /etc/lb02.token }]
instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    authentication: { type: pass, password: "vrrp-key" }
    addresses: [192.168.31.5/24]
`,
    "vipd.yaml",
    { hostname: "lb01" },
  );
  if (!parsed.ok) assert.fail(parsed.diagnostics.map(({ message }) => message).join("\n"));
  return parsed.config;
}

const LOOPBACK = "{ listen: [127.0.0.1:9112] }";

Deno.test("the front has no key of VRRP, no check and no program", () => {
  const text = JSON.stringify(frontSettings(configWith(LOOPBACK)));
  for (const secret of ["vrrp-key", "check-secret", "exec-secret"]) {
    assert.ok(!text.includes(secret), secret);
  }
});

Deno.test("the front may ask for the files of its receivers and peers, and for no others", () => {
  assert.deepEqual([...secretFiles(frontSettings(configWith(LOOPBACK)))].sort(), [
    "/etc/hook",
    "/etc/hook.key",
    "/etc/hook.pem",
    "/etc/lb02.token",
    "/etc/mail.key",
  ]);
});

Deno.test("a read token closes reading on this machine, unless the configuration keeps it open", () => {
  const cases = [
    ["{}", false],
    ["{ read_token_file: /etc/read }", true],
    ["{ read_token_file: /etc/read, local_reading: open }", false],
    ["{ local_reading: token }", true],
  ] as const;
  for (const [api, needed] of cases) {
    assert.equal(frontSettings(configWith(api)).readingNeedsToken, needed, api);
  }
});

Deno.test("sockets are open to everybody on the machine only where loopback is", () => {
  const cases = [
    [LOOPBACK, 0o666],
    ['{ listen: ["unix:/run/x/api.sock"] }', 0o660],
    ['{ listen: ["unix:/srv/other.sock", "[::1]:9112"] }', 0o666],
  ] as const;
  for (const [api, mode] of cases) {
    assert.equal(frontSettings(configWith(api)).socketMode, mode, api);
  }
});

Deno.test("every unix socket of the configuration leads to one of the front's own, api.sock in any case", () => {
  const config = configWith(
    '{ listen: ["unix:/srv/a.sock", "unix:/run/x/api.sock", "127.0.0.1:1"] }',
  );
  assert.deepEqual(socketLinks(config), [
    { path: "/run/x/api.sock", name: "api.sock" },
    { path: "/srv/a.sock", name: "listen-1.sock" },
  ]);
  const tcp = { kind: "tcp", host: "127.0.0.1", port: 1, tls: false } as const;
  const served = ["/run/front/api.sock", "/run/front/listen-1.sock", "/run/front/stale.sock"];
  assert.deepEqual(
    servedPlaces(config, [tcp, ...served.map((path) => ({ kind: "unix", path }) as const)]),
    [tcp, { kind: "unix", path: "/run/x/api.sock" }, { kind: "unix", path: "/srv/a.sock" }],
  );
  assert.deepEqual(
    servedPlaces(configWith(LOOPBACK), [{ kind: "unix", path: "/run/front/api.sock" }]),
    [],
    "what nobody has configured is told to nobody",
  );
});
