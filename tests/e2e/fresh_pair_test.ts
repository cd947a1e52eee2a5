/**
 * Two fresh hosts become a pair by the README's commands alone. Then, without a further word of configuration, each fault
 * of the standby changes the first sentence of `vipd status`, and its end changes it back. The transcript is in
 * golden/fresh_pair.txt (`UPDATE_GOLDEN=1` writes it), and the README shows what changes in it. Needs root: the hosts
 * have users and files of their own.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/host.ts";
import { Lab } from "../../lab/network.ts";
import { PAIR_PLAN } from "../../lab/pair_config.ts";
import { waitFor } from "../../lab/wait.ts";
import { makeCertificate } from "../front/rehearsal/real_nginx.ts";
import { installSteps, transcript } from "../readme.ts";
import { executable } from "./built.ts";
import { makeTypingFolder } from "./documented_lines.ts";
import { documentsAreObeyed, enginesAreStarted } from "./documented_commands.ts";
import { documentsAreRead } from "./documented_reading.ts";
import {
  anotherNodeIsRead,
  certificateIsReadByTheUnitsUser,
  checkTriesAsTheUnitsUser,
  executableIsReplaced,
  keysAreReadByTheUnitsUser,
  othersFilesBecomeTheUnits,
} from "./documented_steps.ts";
import { ownFiles } from "./own_files.ts";
import { paired } from "./pairing.ts";
import { Service, systemdSeemsToRun } from "./service.ts";

const GOLDEN = new URL("./golden/fresh_pair.txt", import.meta.url);
const NAMES = ["www", "shop", "new"] as const;
/** What a person has to type at most, and how long it may take, both nodes together. */
const MOST_COMMANDS = 10;
const FIVE_MINUTES_MS = 300_000;
const VIPD = "/usr/local/bin/vipd";
const LOOK = "root@lb01:~# vipd status | head -1";
/** The one of a transcript; another one each time. */
const SOME_PID = "PID 1274";
const READY = "VI_1 is served by lb01; lb02 is ready";

type Name = keyof typeof PAIR_PLAN;

interface Change {
  readonly on: Name;
  /** What is typed there, and what undoes it. */
  readonly typed: string;
  readonly undone: string;
  /** Part of the sentence that it leads to. */
  readonly says: RegExp;
}

const CHANGES: readonly Change[] = [{
  on: "lb02",
  typed: "rm /etc/nginx/sites-enabled/new && nginx -s reload",
  undone: "ln -s ../sites-available/new /etc/nginx/sites-enabled/ && nginx -s reload",
  says: /new\.example\.com is missing/,
}, {
  on: "lb02",
  typed: "cp -r /etc/nginx/tls/last-year/. /etc/nginx/tls/ && nginx -s reload",
  undone: "cp -r /etc/nginx/tls/this-year/. /etc/nginx/tls/ && nginx -s reload",
  says: /certificate of shop\.example\.com expired/,
}, {
  on: "lb02",
  typed: "pkill -9 nginx",
  undone: "nginx",
  says: /lb02 is in fault: check nginx-process is down: no process nginx/,
}, {
  on: "lb02",
  typed: "systemctl stop vipd",
  undone: "systemctl start vipd",
  says: /vipd does not run on lb02, or its front does not/,
}, {
  on: "lb01",
  typed:
    "sed -i 's|^ *- 192.168.31.5/24|&\\n      - 192.168.31.6/24|' /etc/vipd/vipd.yaml && vipd reload",
  undone: "sed -i '/192.168.31.6/d' /etc/vipd/vipd.yaml && vipd reload",
  says: /the settings of lb01 and lb02 differ/,
}];

Deno.test({
  name: "two fresh hosts are protected after ten commands, and each fault changes the sentence",
  // A user namespace has one user; these hosts have three.
  ignore: Deno.uid() !== 0,
}, async () => {
  await using built = await executable();
  await using lab = await Lab.open(`fresh-${crypto.randomUUID()}`, PAIR_PLAN);
  await using files = await certificates();
  const [lb01, lb02] = await Promise.all((["lb01", "lb02"] as const).map(async (name) => {
    const host = new FreshHost(lab.host(name));
    await host.installNginx(files.folder);
    return host;
  }));
  const hosts = { lb01: lb01!, lb02: lb02! };
  using _ended = {
    [Symbol.dispose]: () => Object.values(hosts).forEach((it) => it[Symbol.dispose]()),
  };
  const startedMs = performance.now();
  let commands = 0;
  for (const { host: name, command } of await installSteps()) {
    if (name === null) continue;
    commands++;
    const host = hosts[name as Name];
    if (command === "scp") await host.host.run(["cp", built.path, VIPD]);
    else if (command === "vipd pair") await paired(lb01!.host, lb02!.host, [VIPD]);
    // Typed with the other half.
    else if (command !== "vipd pair --join") await host.type(command);
    if (command === "vipd status" && name === "lb01") break;
  }
  const said = async (what: string, pattern: RegExp) => {
    let line = "";
    const look = async () =>
      pattern.test(await lb01!.sentence()) && pattern.test(line = await lb01!.firstLine());
    await waitFor(what, look, {
      timeoutMs: 60_000,
      everyMs: 200,
      explain: async () => [await lb01!.view(), ...lb01!.log].join("\n"),
    });
    return line;
  };
  await said("protection", new RegExp(`^${READY}$`));
  assert.ok(performance.now() - startedMs < FIVE_MINUTES_MS);
  assert.ok(commands <= MOST_COMMANDS, `${commands} commands`);

  await makeTypingFolder(lb01!.host, "lb02");
  await makeTypingFolder(lb02!.host, "lb01");
  await documentsAreRead(lb01!.host, lb02!.host);
  await documentsAreObeyed(lb01!.host);
  await anotherNodeIsRead(lb01!.host, READY);
  await lb02!.type("systemctl stop vipd");
  await enginesAreStarted(lb02!.host);
  await lb02!.type("systemctl start vipd");
  await checkTriesAsTheUnitsUser(lb02!.host);
  await othersFilesBecomeTheUnits(lb02!.host);
  await keysAreReadByTheUnitsUser(lb01!.host, lb02!.host);
  await certificateIsReadByTheUnitsUser(lb01!.host);
  // It comes into force when vipd is stopped there, and started again.
  await executableIsReplaced(lb02!.host, built.path);

  const lines = [LOOK, READY];
  for (const { on, typed, undone, says } of CHANGES) {
    await hosts[on].type(typed);
    const line = await said(typed, says);
    lines.push("", `root@${on}:~# ${typed}`, LOOK, line.replace(/PID \d+/, SOME_PID));
    await hosts[on].type(undone);
    await said(undone, new RegExp(`^${READY}$`));
  }
  const text = `${lines.join("\n")}\n`;
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(GOLDEN, text);
  assert.equal(text, await Deno.readTextFile(GOLDEN));
});

Deno.test("the README shows what two fresh hosts say", async () => {
  const said = (await Deno.readTextFile(GOLDEN)).split("\n");
  const shown = said.filter((line) => line !== "" && line !== LOOK);
  assert.equal(await transcript(), `${shown.join("\n")}\n`);
});

/** A machine with nginx for three names with TLS, as Debian installs it, and nothing of vipd's. */
class FreshHost implements Disposable {
  readonly host: LabHost;
  #service: Service | null = null;

  constructor(host: LabHost) {
    this.host = host;
  }

  async installNginx(folder: string): Promise<void> {
    await ownFiles(this.host);
    await systemdSeemsToRun(this.host);
    // The folder is the machine's, which the host has mounted below its own files.
    const sites = NAMES.map((name) => ({ path: `sites-available/${name}`, text: site(name) }));
    await this.#run(
      `rm -f /etc/nginx/sites-enabled/* /etc/nginx/conf.d/*; cp -r ${folder} /etc/nginx/tls`,
    );
    await this.#run(
      "cp -r /etc/nginx/tls/this-year/. /etc/nginx/tls; chmod -R a+rX /etc/nginx/tls",
    );
    for (const { path, text } of [{ path: "conf.d/plain.conf", text: PLAIN }, ...sites]) {
      await this.host.run(["sh", "-c", `cat >/etc/nginx/${path}`], { stdin: text });
    }
    const links = NAMES.map((name) => `../sites-available/${name}`).join(" ");
    await this.#run(`ln -s ${links} /etc/nginx/sites-enabled/; nginx`);
  }

  /** Runs what a person types there as root; `systemctl` does what the unit says. */
  async type(command: string): Promise<{ readonly stdout: string }> {
    const [, action] = /^systemctl (enable --now|start|stop) vipd$/.exec(command) ?? [];
    if (action === "stop") await this.#service!.stop();
    else if (action !== undefined) {
      this[Symbol.dispose]();
      this.#service = await Service.start(this.host);
    } else return await this.#run(command);
    return { stdout: "" };
  }

  async view(): Promise<string> {
    return (await this.#run("vipd status --all", false)).stdout;
  }

  /** The last lines of the engine's log. */
  get log(): readonly string[] {
    return this.#service?.process.lastLines ?? [];
  }

  /** The sentence of its verdict; asked with curl, because a command that starts again and again keeps a processor busy. */
  async sentence(): Promise<string> {
    const { stdout } = await this.#run("curl -sm 2 http://127.0.0.1:9112/v1/pair", false);
    return /"sentence": *"([^"]*)"/.exec(stdout)?.[1] ?? "";
  }

  /** The first line of `vipd status`. */
  async firstLine(): Promise<string> {
    return (await this.#run("vipd status", false)).stdout.split("\n")[0]!;
  }

  [Symbol.dispose](): void {
    this.#service?.[Symbol.dispose]();
  }

  /** In a folder that is closed to others, as root's home mostly is. */
  async #run(command: string, check = true): Promise<{ readonly stdout: string }> {
    const home = "mkdir -p -m 700 /run/root; cd /run/root; PATH=/usr/local/bin:$PATH";
    return await this.host.run(["sh", "-c", `${home}; ${command}`], { check });
  }
}

const PLAIN = "server { listen 80 default_server; return 301 https://$host$request_uri; }\n";

function site(name: string): string {
  return `server {
  listen 443 ssl;
  server_name ${name}.example.com;
  ssl_certificate tls/${name}.pem;
  ssl_certificate_key tls/${name}.key;
  return 200 "${name}\\n";
}
`;
}

/** Those of each name in `this-year`; in `last-year` the one of the shop that has expired. */
async function certificates(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await Deno.makeTempDir({ prefix: "vipd-fresh-" });
  for (
    const [year, names, days] of [
      ["this-year", NAMES, 90],
      ["last-year", ["shop"], -29.5],
    ] as const
  ) {
    const made = `${folder}/${year}`;
    await Deno.mkdir(made);
    for (const name of names) await makeCertificate(made, name, `DNS:${name}.example.com`, days);
  }
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}
