/**
 * `vipd doctor` on a host with real faults: packet filters that drop adverts, a stranger with the address, and a
 * keepalived with other settings. And `vipd listen` behind such a filter. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import { Keepalived } from "../../lab/keepalived.ts";
import { Lab } from "../../lab/network.ts";
import { keepalivedConfig, PAIR_ADDRESS, PAIR_PLAN, vipdConfig } from "../../lab/pair_config.ts";
import { vipdCommand } from "../../lab/vipd.ts";
import { waitFor } from "../../lab/wait.ts";
import type { Finding } from "../../src/doctor/finding.ts";

const CONFIG_FILE = "/run/lab/doctor.yaml";
const SETTINGS = { version: 2, advertIntervalMs: 1000 } as const;

async function findings(host: LabHost): Promise<Map<string, Finding>> {
  await host.write(CONFIG_FILE, vipdConfig(SETTINGS, 100));
  const command = [...vipdCommand(Deno.env.get("VIPD_BINARY")), "doctor", "--json"];
  const { code, stdout } = await host.run([...command, "--config", CONFIG_FILE], { check: false });
  assert.equal(code, 1, stdout);
  const found: Finding[] = JSON.parse(stdout).findings;
  return new Map(found.map((finding) => [finding.code, finding]));
}

Deno.test("the doctor finds a dropping filter, a foreign host with the address and a keepalived that differs", async () => {
  await using lab = await Lab.open(`doctor-${crypto.randomUUID()}`, PAIR_PLAN);
  const [lb01, lb02] = [lab.host("lb01"), lab.host("lb02")];
  const healthy = await findings(lb01);
  for (
    const code of ["firewall_drops_vrrp", "address_in_use", "peer_differs", "firewall_unknown"]
  ) {
    assert.ok(!healthy.has(code), `${code} on a healthy link`);
  }

  await lb01.run(["iptables", "-A", "INPUT", "-p", "112", "-j", "DROP"]);
  await lb02.run(["ip", "address", "add", `${PAIR_ADDRESS}/24`, "dev", "eth1"]);
  const held = await findings(lb01);
  assert.match(held.get("firewall_drops_vrrp")!.message, /: drops protocol 112 to 224\.0\.0\.18/);
  assert.match(held.get("address_in_use")!.message, new RegExp(`answers for ${PAIR_ADDRESS}`));
  // The remedy, typed as it stands.
  await lb01.run(["sh", "-c", held.get("firewall_drops_vrrp")!.command]);
  assert.ok(!(await findings(lb01)).has("firewall_drops_vrrp"));

  await lb02.run(["ip", "address", "delete", `${PAIR_ADDRESS}/24`, "dev", "eth1"]);
  const other = { ...SETTINGS, version: 3 } as const;
  await Keepalived.start(lb02, keepalivedConfig(other, 150));
  const has = async () =>
    (await lb02.run(["ip", "-4", "address"])).stdout.includes(`${PAIR_ADDRESS}/`);
  await waitFor("keepalived to be master", has, { timeoutMs: 15_000 });
  const differs = await findings(lb01);
  assert.match(differs.get("peer_differs")!.message, /192\.168\.31\.12 .*version 3, here 2/);
});

Deno.test("what vipd fixes itself is fixed, and the file that it edits is kept as it was", async () => {
  await using lab = await Lab.open(`fixes-${crypto.randomUUID()}`, PAIR_PLAN);
  const lb01 = lab.host("lb01");
  const [folder, file] = ["/etc/sysctl.d", "/etc/sysctl.d/60-vipd.conf"];
  const before = "# ours\nnet.ipv4.ip_nonlocal_bind = 0\n";
  // Folders of this host alone.
  for (const own of [folder, "/etc/nginx", "/etc/systemd/system"]) {
    await lb01.run(["mount", "-t", "tmpfs", "tmpfs", own]);
  }
  await lb01.run(["mkdir", "/var/lib/nginx"]);
  await lb01.write(file, before);
  const site = `server { listen ${PAIR_ADDRESS}:80; }`;
  await lb01.write("/etc/nginx/nginx.conf", `pid /run/nginx.pid; events {} http { ${site} }\n`);
  await lb01.write(CONFIG_FILE, vipdConfig(SETTINGS, 100));
  const doctor = async (...options: string[]) => {
    const command = [...vipdCommand(Deno.env.get("VIPD_BINARY")), "doctor", ...options];
    return (await lb01.run([...command, "--config", CONFIG_FILE], { check: false })).stdout;
  };
  const kept = () => lb01.run(["sh", "-c", `cat ${file}; ls ${folder}`]);

  const refused = await doctor("--fix");
  assert.match(refused, /error nginx: nginx listens on .*as here \[nginx_cannot_bind\]/);
  assert.match(refused, /To be done:\n {2}set net\.ipv4\.ip_nonlocal_bind = 1 in /);
  assert.match(refused, /nothing was changed/);
  assert.equal((await kept()).stdout, `${before}60-vipd.conf\n`);

  const fixed = await doctor("--fix", "--yes");
  assert.match(
    fixed,
    /done: set net\.ipv4\.ip_nonlocal_bind = 1 in .*; the file as it was is \S+\n/,
  );
  assert.match(fixed, /ok nginx: nginx accepts its configuration/);
  const { stdout } = await kept();
  assert.match(
    stdout,
    /^# ours\nnet\.ipv4\.ip_nonlocal_bind = 1\n60-vipd\.conf\n60-vipd\.conf\.before-\w+\n$/,
  );
  assert.equal((await lb01.run(["sh", "-c", `cat ${folder}/*.before-*`])).stdout, before);

  const setting = "net.ipv4.ip_nonlocal_bind";
  await lb01.write(`${folder}/70-site.conf`, `${setting} = 0\n`);
  // As at a boot, in the order of the names.
  const boot = `cat ${folder}/*.conf | sysctl -q -p -; sysctl -n ${setting}`;
  const booted = async () => (await lb01.run(["sh", "-c", boot])).stdout.trim();
  assert.equal(await booted(), "0");
  assert.match(await doctor("--fix", "--yes"), /done: set .* = 1 in \S+\/99-zz-vipd\.conf\n/);
  assert.equal(
    await booted(),
    "1",
    "it lasts although a later file than the first has another value",
  );
});

/** What `vipd listen` prints in two seconds. */
async function heard(host: LabHost): Promise<string> {
  const command = [...vipdCommand(Deno.env.get("VIPD_BINARY")), "listen", "--interface", "eth1"];
  return (await host.run([...command, "--for", "2s"])).stdout;
}

/** The other node's adverts are dropped by nft and by iptables: one remedy alone would not help. */
const FILTERS = (hook: "input" | "output") =>
  [
    "nft add table inet site",
    `nft 'add chain inet site ${hook} { type filter hook ${hook} priority 10; }'`,
    `nft add rule inet site ${hook} meta l4proto 112 drop`,
    `iptables-nft -A ${hook.toUpperCase()} -p 112 -j DROP`,
    `iptables-legacy -A ${hook.toUpperCase()} -p 112 -j DROP`,
  ].join("; ");

Deno.test("behind packet filters adverts are heard and marked, and the doctor's remedies let them through", async () => {
  await using lab = await Lab.open(`filters-${crypto.randomUUID()}`, PAIR_PLAN);
  const [lb01, lb02] = [lab.host("lb01"), lab.host("lb02")];
  await Keepalived.start(lb02, keepalivedConfig(SETTINGS, 150));
  await waitFor("adverts", async () => (await heard(lb01)).includes("192.168.31.12"), {
    timeoutMs: 15_000,
  });

  await lb01.run(["sh", "-c", FILTERS("input")]);
  const marked = await heard(lb01);
  assert.match(marked, /firewall_drops: what 192\.168\.31\.12 sends to 224\.0\.0\.18 arrives, but/);
  assert.match(marked, /eth1 +55 +192\.168\.31\.12 +master/);
  const arriving = (await findings(lb01)).get("firewall_drops_vrrp")!;
  assert.match(arriving.message, /nft, table inet site, chain input, rule with handle \d+/);
  await lb01.run(["sh", "-c", arriving.command]);
  const free = await heard(lb01);
  assert.match(free, /eth1 +55 +192\.168\.31\.12 +master/);
  assert.doesNotMatch(free, /firewall_drops/);

  await lb02.run(["sh", "-c", FILTERS("output")]);
  assert.match(await heard(lb01), /no VRRP heard/);
  const leaving = (await findings(lb02)).get("firewall_drops_own_adverts")!;
  await lb02.run(["sh", "-c", leaving.command]);
  assert.match(await heard(lb01), /eth1 +55 +192\.168\.31\.12 +master/);
});
