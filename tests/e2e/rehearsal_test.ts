/**
 * A pair in namespaces, each node with an nginx for three names with TLS: what differs on the standby is a reason of the
 * verdict that names it, and so is what fails for the clients of the master now. Needs root or user namespaces.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Lab } from "../../lab/network.ts";
import { Nginx } from "../../lab/nginx.ts";
import { ONE_SECOND, PAIR_ADDRESS, PRIORITIES, vipdConfig } from "../../lab/pair_config.ts";
import { type PairName, PEERS_PLAN, peersHead, TOKEN, TOKEN_FILE } from "../../lab/peers_pair.ts";
import { Vipd } from "../../lab/vipd.ts";
import { waitFor } from "../../lab/wait.ts";
import { makeCertificate } from "../front/rehearsal/real_nginx.ts";

const NGINX_CONFIG = "/run/nginx/nginx.conf";
const MORE = "/run/nginx/more";
const NAMES = ["www", "shop", "new"] as const;
const CERTIFICATES = [...NAMES, "expired"] as const;

const configOf = (name: PairName, more = "") =>
  `${peersHead(name)}${more}${vipdConfig(ONE_SECOND, PRIORITIES[name])}`;

/** A server for each name; `certificates`: the file of each. */
function servers(
  certificates: Readonly<Record<string, string>>,
  listens: readonly string[] = ["443"],
): string {
  const each = Object.entries(certificates).map(([name, file]) =>
    `server {
        ${listens.map((listen) => `listen ${listen} ssl;`).join(" ")}
        server_name ${name}.example.com;
        ssl_certificate /run/lab/${file}.pem;
        ssl_certificate_key /run/lab/${file}.key;
        return 200 "${name}\\n";
    }`
  );
  return `server { listen 80; return 404; }\ninclude ${MORE}/*.conf;\n${each.join("\n")}`;
}

const RIGHT = { www: "www", shop: "shop", new: "new" };

Deno.test("the verdict says what the standby's nginx would not serve", async () => {
  const folder = await Deno.makeTempDir();
  for (const name of NAMES) await makeCertificate(folder, name, `DNS:${name}.example.com`, 90);
  await makeCertificate(folder, "expired", "DNS:shop.example.com", -29.5);
  await using lab = await Lab.open(`rehearsal-${crypto.randomUUID()}`, PEERS_PLAN);
  const binary = Deno.env.get("VIPD_BINARY");
  const begin = async (name: PairName) => {
    const host = lab.host(name);
    for (const certificate of CERTIFICATES) {
      for (const kind of ["pem", "key"]) {
        const text = await Deno.readTextFile(`${folder}/${certificate}.${kind}`);
        await host.write(`/run/lab/${certificate}.${kind}`, text);
      }
    }
    await host.run(["sysctl", "-qw", "net.ipv4.ip_nonlocal_bind=1"]);
    await host.write(TOKEN_FILE, `${TOKEN}\n`);
    const nginx = await Nginx.configured(host, servers(RIGHT));
    const vipd = new Vipd(host, { config: configOf(name), binary });
    await vipd.start();
    return { host, nginx, vipd };
  };
  const [lb01, lb02] = await Promise.all([begin("lb01"), begin("lb02")]);
  const status = () => lb01.vipd.status();
  const pair = async () => (await status())?.instances[0]?.pair;
  /** What lb01 has found of lb02 as the standby. */
  const found = async () =>
    (await status())?.peers[0]?.rehearsal?.filter(({ code, node }) =>
      node === "lb02" && code !== "serves_less"
    );
  const until = async <T>(what: string, look: () => Promise<T>, is: (seen: T) => boolean) =>
    await waitFor(what, async () => is(await look()), {
      timeoutMs: 15_000,
      everyMs: 100,
      explain: async () =>
        [JSON.stringify([await found(), await pair()]), ...lb01.vipd.lastLines.slice(-5)].join(
          "\n",
        ),
    });
  const untilSaid = async (sentence: string) =>
    await until(sentence, pair, (seen) => seen?.sentence === sentence);
  const nothing = (seen: Awaited<ReturnType<typeof found>>) => seen?.length === 0;
  const code = (wanted: string) => (seen: Awaited<ReturnType<typeof found>>) =>
    seen?.[0]?.code === wanted;

  await until("protection", pair, (seen) => seen?.verdict === "protected");
  await until("a rehearsal that passes", found, nothing);

  await lb02.nginx.reconfigure(servers({ www: "www", shop: "expired" }));
  await untilSaid(
    "VI_1 is served by lb01; lb02 would serve 3 of 5 names: the certificate of shop.example.com expired 29 days " +
      "ago; new.example.com is missing",
  );
  const demote = await lb01.host.run([
    ...[
      "curl",
      "-s",
      "-H",
      `Authorization: Bearer ${TOKEN}`,
      "-H",
      "Content-Type: application/json",
    ],
    ...["-d", '{"unless_worse": true}', "http://127.0.0.1:9112/v1/instances/VI_1/demote"],
  ]);
  assert.equal(JSON.parse(demote.stdout).code, "rehearsal_failed");

  await lb02.nginx.reconfigure(servers(RIGHT));
  await until("the end of the faults", found, nothing);

  // A standby that fails without a reload of its nginx: the rehearsal that it begins as master is the first to know.
  await lb02.host.run([
    "nft",
    "table inet cut { chain in { type filter hook input priority 0; }; }",
  ]);
  await lb02.host.run([
    "nft",
    "add rule inet cut in iifname lo tcp dport 443 reject with tcp reset",
  ]);
  assert.deepEqual(await found(), []);
  const maintenance = async (...more: readonly string[]) => {
    const { code, stdout } = await lb01.vipd.command(
      ...["maintenance", "--token-file", TOKEN_FILE] as const,
      ...more,
    );
    return { code, said: stdout.trimEnd().split("\n").at(-1)! };
  };
  const failing = await maintenance("--wait", "5s");
  assert.match(failing.said, /^not safe to reboot: VI_1: lb02 would serve 1 of 5 names: /);
  assert.equal(failing.code, 6);
  const rehearsals = [
    ["delete table inet cut", 0, /^safe to reboot: lb02 serves VI_1; lb01 stays demoted/],
    [
      "table inet cut { chain in { type filter hook input priority 0; iifname lo tcp dport 443 reject; }; }",
      6,
      /^not safe to reboot: VI_1: lb02 would serve 1 of 5 names: /,
    ],
    ["delete table inet cut", 0, /^safe to reboot: lb02 serves VI_1; lb01 stays demoted/],
  ] as const;
  for (const [rules, code, said] of rehearsals) {
    await lb02.host.run(["nft", rules]);
    await lb02.vipd.command("rehearse", "--token-file", TOKEN_FILE);
    // It was master before: its last rehearsal counts, also at once.
    const seen = await maintenance("--wait", code === 0 ? "30s" : "5s");
    assert.match(seen.said, said);
    assert.equal(seen.code, code);
  }
  assert.equal((await maintenance("--end")).code, 0);
  await until("lb01 serves again", pair, (seen) => seen?.served_by === "lb01");
  await until("protection again", pair, (seen) => seen?.verdict === "protected");

  // A site that is added, and that nginx refuses to load.
  const site = `${MORE}/x.conf`;
  const add = async (more: string) => {
    await lb02.host.write(site, `server { listen 443 ssl; server_name x.example.com; ${more}}`);
    await lb02.host.run(["chmod", "a+rX", MORE, site]);
  };
  await add("ssl_certificate /no.pem; ");
  await assert.rejects(lb02.nginx.reload());
  await until(
    "files that cannot be loaded",
    pair,
    (seen) =>
      seen?.sentence ===
        "VI_1 is served by lb01; nginx on lb02 cannot load its files, neither by a " +
          "reload nor when it starts: /no.pem: there is no such file",
  );
  await add("");
  await until("files that were not loaded", found, code("nginx_stale"));
  const { stdout: now } = await lb02.vipd.command("rehearse", "--token-file", TOKEN_FILE);
  assert.match(now, new RegExp(`! nginx does not serve by its files: ${site} is of `));
  assert.doesNotMatch(now, /x\.example\.com|lb01 (?:would serve|serves)/);
  await lb02.host.run(["rm", site]);
  await until("the files as they were", pair, (seen) => seen?.verdict === "protected");

  await lb01.nginx.reconfigure(servers({ ...RIGHT, shop: "expired" }));
  await untilSaid(
    "VI_1 is served by lb01; lb01 serves 4 of 5 names: the certificate of shop.example.com expired 29 days ago",
  );
  assert.deepEqual(await found(), []);
  const { code: failed } = await lb01.vipd.command("rehearse", "--token-file", TOKEN_FILE);
  assert.equal(failed, 1);
  await lb01.nginx.reconfigure(servers(RIGHT));
  await until("both serve all", pair, (seen) => seen?.verdict === "protected");
  await lb01.nginx.crash();
  await until(
    "lb01's nginx is gone",
    async () => (await status())?.rehearsal,
    (seen) => seen !== undefined && seen.failed === seen.names,
  );
  assert.deepEqual(await found(), []);

  // On the virtual address alone only the master can be asked; the standby's nginx must at least listen.
  const onVip = servers(RIGHT, [`${PAIR_ADDRESS}:443`]);
  await lb02.nginx.crash();
  await Promise.all([lb01, lb02].map(({ nginx }) => nginx.start(onVip)));
  await until("what cannot be asked", found, code("not_rehearsed"));
  await lb02.nginx.crash();
  await until("nothing listens", found, code("rehearsal_failed"));
  await lb02.nginx.start(servers(RIGHT, [`${PAIR_ADDRESS}:443`, "127.0.0.1:443"]));
  await until("an address that can be asked", found, nothing);

  await lb02.host.run(["chmod", "600", NGINX_CONFIG]);
  const rehearsed = await lb02.vipd.command("rehearse", "--token-file", TOKEN_FILE);
  assert.match(
    rehearsed.stdout,
    new RegExp(`! ${NGINX_CONFIG} is not read: permission denied to \\S+\n`),
    rehearsed.stdout + rehearsed.stderr,
  );
  const [, user] = /permission denied to (\S+)/.exec(rehearsed.stdout)!;
  await untilSaid(
    `VI_1 is served by lb01; not all of lb02 is rehearsed: the names in ${NGINX_CONFIG} are not known ` +
      `(permission denied to ${user})`,
  );
  await lb02.host.run(["chmod", "644", NGINX_CONFIG]);
  await until("a file that can be read again", found, nothing);
  await lb02.host.run(["chmod", "600", NGINX_CONFIG]);
  await until("a file that cannot be read any more", found, code("not_rehearsed"));
  const names = NAMES.map((name) => `${name}.example.com`).join(", ");
  await lb02.vipd.reload(configOf("lb02", `rehearse: { names: [${names}] }\n`));
  await until("names in place of the file", found, nothing);
  await Deno.remove(folder, { recursive: true });
});
