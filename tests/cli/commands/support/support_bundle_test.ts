import assert from "node:assert/strict";
import { join } from "node:path";
import { cannotWrite } from "../../../../src/cli/new_files.ts";
import { EXIT } from "../../../../src/exit.ts";
import { TOKEN } from "../../../front/fake_backend.ts";
import { capture, inFolder } from "../../captured_context.ts";
import { withDaemonApi } from "../../fake_daemon_api.ts";

const HMAC_KEY = "00112233445566778899aabbccddeeff".repeat(2);
const SECRETS = [
  HMAC_KEY,
  HMAC_KEY.toUpperCase(),
  "hunter22",
  "s3cr3t-argument",
  "s3cr3t-assigned",
  "s3cr3t-user",
  "s3cr3t-hook",
  "s3cr3t-query",
  "s3cr3t-of-the-peer",
  "s3cr3t-webhook",
  TOKEN,
];

function configText(folder: string, api: string): string {
  return `# the old password was hunter22
node: lb01
api: { listen: "${api.replace("http://", "")}", token_file: ${folder}/token }
peers: [{ name: lb02, url: "http://127.0.0.1:1", token_file: ${folder}/peer-token }]
notify:
  - { name: chat, type: webhook, url: "https://chat.example/s3cr3t-webhook" }
run_dir: ${folder}
state_dir: ${folder}/state
checks:
  login: { type: exec, command: [/bin/check, --password, s3cr3t-argument, --api-key=s3cr3t-assigned, -u, "me:s3cr3t-user", "https://a/s3cr3t-hook?t=s3cr3t-query", -v] }
instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    priority: 150
    authentication: { type: pass, password: hunter22 }
    addresses: [192.168.31.5/24]
  - name: VI_2
    interface: eth1
    vrid: 56
    version: 3
    priority: 150
    authentication: { type: hmac, keys: [{ id: 1, key: "${HMAC_KEY}" }] }
    addresses: [192.168.31.6/24]
`;
}

interface Host {
  readonly files: Readonly<Record<string, unknown>>;
  readonly daemon: Readonly<Record<string, unknown>>;
  readonly interfaces: readonly {
    readonly name: string;
    readonly addresses: readonly { readonly address: string }[];
    readonly counters: Readonly<Record<string, string>>;
  }[];
  readonly sysctls: Readonly<Record<string, unknown>>;
  readonly programs: Readonly<Record<string, unknown>>;
}

/** What a supporter asks for first. */
function assertHost({ files, daemon, interfaces, sysctls, programs }: Host): void {
  assert.match(`${files["/proc/version"]}`, /^Linux version \d/);
  assert.match(`${files["/proc/uptime"]}`, /^[\d.]+ [\d.]+$/);
  assert.match(`${files["/proc/net/dev"]}`, /lo:/);
  for (
    const setting of [
      "ipv4/ip_nonlocal_bind",
      "ipv6/ip_nonlocal_bind",
      "ipv4/conf/lo/rp_filter",
      "ipv4/conf/all/arp_ignore",
    ]
  ) {
    assert.match(`${sysctls[`net/${setting}`]}`, /^\d+$/, setting);
  }
  assert.equal(daemon["pid"], Deno.pid);
  assert.match(`${daemon["limits"]}`, /Max open files/);
  assert.match(`${daemon["status"]}`, /^CapEff:/m);
  assert.match(`${daemon["cgroup"]}`, /:\//);
  const loopback = interfaces.find(({ name }) => name === "lo");
  assert.ok(loopback?.addresses.some(({ address }) => address === "127.0.0.1"));
  assert.match(`${loopback?.counters["rx_packets"]}`, /^\d+$/);
  for (const told of ["ip rule", "ip neighbour", "nft list ruleset"]) {
    assert.ok(told in programs, told);
  }
  // What a process was started with may hold a secret.
  const read = Object.keys({ ...files, ...daemon });
  assert.deepEqual(read.filter((name) => /environ|cmdline/.test(name)), []);
}

Deno.test("a bundle has what helps, and no secret", async () => {
  await withDaemonApi(async ({ api, backend }) => {
    await inFolder(async (folder) => {
      const config = join(folder, "vipd.yaml");
      await Deno.writeTextFile(config, configText(folder, api), { mode: 0o600 });
      await Deno.writeTextFile(join(folder, "token"), `${TOKEN}\n`, { mode: 0o600 });
      const peerToken = "s3cr3t-of-the-peer";
      await Deno.writeTextFile(join(folder, "peer-token"), `${peerToken}\n`, { mode: 0o600 });
      await Deno.writeTextFile(join(folder, "lock"), `${Deno.pid}\n`);
      backend.journal.record("warning", "check_changed", `login said: wrong token ${TOKEN}`);
      backend.journal.record("warning", "check_changed", `login said: not ${peerToken}`);
      backend.journal.record("warning", "check_changed", `login said: wrong key ${HMAC_KEY}`);
      const quoted = "login said: me:s3cr3t-user, https://a/s3cr3t-hook";
      backend.journal.record("warning", "check_changed", quoted);
      const output = join(folder, "bundle.json");
      const result = await capture(["support-bundle", "--config", config, "--output", output]);
      assert.deepEqual(result, { code: EXIT.ok, out: `${output}\n`, err: "" });
      assert.equal((await Deno.stat(output)).mode! & 0o777, 0o600);
      const text = await Deno.readTextFile(output);
      for (const secret of SECRETS) assert.ok(!text.includes(secret), `${secret} is in the bundle`);
      const bundle = JSON.parse(text);
      assert.deepEqual(bundle.status, JSON.parse(JSON.stringify(backend.current)));
      assert.match(bundle.events[0].message, /wrong token \[left out\]/);
      assert.match(bundle.metrics, /^vipd_build_info/m);
      assert.equal(bundle.config.understood.instances[0].authentication.password, "[left out]");
      assert.deepEqual(bundle.config.understood.instances[1].authentication.keys, [
        { id: 1, key: "[left out]" },
      ]);
      assert.ok(!/0,\s*17,\s*34,\s*51/.test(text), "the octets of a key are in the bundle");
      assert.deepEqual(bundle.config.understood.checks[0].command, [
        "/bin/check",
        "--password",
        "[left out]",
        "--api-key=[left out]",
        "-u",
        "[left out]",
        "https://a/[left out]?[left out]",
        "-v",
      ]);
      assertHost(bundle.host);
      assert.deepEqual(bundle.kept_events, { entries: [], problems: [] });
      assert.match(bundle.versions.vipd, /^\d+\.\d+/);
    });
  });
});

Deno.test("without a daemon and with a broken configuration the bundle says so", async () => {
  await inFolder(async (folder) => {
    const config = join(folder, "vipd.yaml");
    await Deno.writeTextFile(config, "instances: 7\n");
    const api = `unix:${folder}/api.sock`;
    const argv = ["support-bundle", "--config", config, "--api", api, "--output", "-"];
    const { code, out } = await capture([...argv, "--token-file", join(folder, "none")]);
    assert.equal(code, EXIT.ok);
    const bundle = JSON.parse(out);
    assert.match(bundle.config.problems.join("\n"), /instances/);
    assert.equal(bundle.config.understood, null);
    assert.match(bundle.status.error, /cannot reach vipd/);
    assert.match(bundle.host.files["/proc/version"], /Linux/);
    assert.ok(bundle.host.daemon.pid > 0 || /no vipd has run with/.test(bundle.host.daemon.error));
  });
});

Deno.test({
  name: "a bundle that cannot be written says where and why, without words of the runtime",
  fn: async () => {
    const argv = ["support-bundle", "--api", "unix:/nonexistent/api.sock", "--output"];
    const { code, err } = await capture([...argv, "/nonexistent/bundle.json"]);
    assert.equal(code, EXIT.failure);
    assert.equal(
      err,
      "vipd: cannot write /nonexistent/bundle.json: its folder does not exist; name another with --output\n",
    );
    const denied = cannotWrite("/etc/x", new Deno.errors.PermissionDenied("…"), "name another");
    assert.equal(denied.exitCode, EXIT.notPermitted);
    assert.match(
      denied.message,
      /\/etc\/x: this user may not write there; run it as root, or name/,
    );
    const full = cannotWrite(
      "/x",
      new Error("No space left on device (os error 28): writefile '/x'"),
      "y",
    );
    assert.equal(full.message, "cannot write /x: No space left on device; y");
  },
});

Deno.test("a bundle overwrites nothing", async () => {
  await inFolder(async (folder) => {
    const output = join(folder, "precious");
    await Deno.writeTextFile(output, "precious");
    const argv = ["support-bundle", "--api", "unix:/nonexistent/api.sock", "--output", output];
    const { code, err } = await capture([...argv, "--token-file", join(folder, "none")]);
    assert.equal(code, EXIT.failure);
    assert.match(err, /it exists; name another with --output/);
    assert.equal(await Deno.readTextFile(output), "precious");
  });
});
