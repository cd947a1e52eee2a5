/**
 * Two nodes run, and what lb01 leaves on its disk is taken: orders of every kind, a journal of two runs, token, where its
 * API listens, and the unit. Only the recorder walks here; it needs root, for files of the host's own.
 *
 * @module
 */

import { Lab, type LabPlan } from "../../../lab/network.ts";
import { PAIR_PLAN } from "../../../lab/pair_config.ts";
import { Vipd } from "../../../lab/vipd.ts";
import { waitFor } from "../../../lab/wait.ts";
import { ownFiles } from "../../e2e/own_files.ts";
import type { Json } from "../json.ts";

const PLAN = PAIR_PLAN satisfies LabPlan;
const WAIT = { timeoutMs: 20_000, everyMs: 100 };
const CONFIG_FILE = "/run/lab/vipd.yaml";
const UNIT_FILE = "/etc/systemd/system/vipd.service";
/** The longest that there is: the sample is read for years as if it were made now. */
const LONG = '{"for":"168h"}';

function config(node: string, instances: readonly (readonly [string, number])[]): string {
  const lines = instances.map(([name, vrid]) =>
    `  - { name: ${name}, interface: eth1, vrid: ${vrid}, version: 3, advert_interval: 500ms, ` +
    `priority: ${node === "lb01" ? 150 : 100}, addresses: [192.168.31.${vrid}/24] }\n`
  );
  return `node: ${node}
checks:
  there: { type: process, process: cat, interval: 1s }
  missing: { type: process, process: not-there, interval: 1s }
instances:
${lines.join("")}`;
}

const INSTANCES = [["VI_1", 51], ["VI_2", 52], ["VI_3", 53], ["VI_4", 54]] as const;
const LB01 = config("lb01", INSTANCES);
/** It takes VI_3 over, and speaks of a virtual router that lb01 does not know. */
const LB02 = config("lb02", [["VI_3", 53], ["VI_9", 99]]);

class FilesWalk {
  readonly #lb01: Vipd;
  readonly #lb02: Vipd;

  constructor(lab: Lab, binary: string) {
    this.#lb01 = new Vipd(lab.host("lb01"), { config: LB01, binary });
    this.#lb02 = new Vipd(lab.host("lb02"), { config: LB02, binary });
  }

  async walk(): Promise<Map<string, Json>> {
    await this.#lb01.start();
    await this.#until("lb01 to be master", async () => await this.#masters() === INSTANCES.length);
    await this.#lb02.start();
    await this.#orders();
    await this.#troubles();
    await this.#lb01.stop();
    await this.#lb01.start();
    await this.#until("lb01 to be master again", async () => await this.#masters() === 3);
    const entries = await this.#lb01.events();
    const overrides = await this.#overrides();
    const journal = "/var/lib/vipd/journal.jsonl";
    const last = `"id":${entries.at(-1)!.id},`;
    await this.#until("the disk", async () => (await this.#read(journal)).includes(last));
    const files = new Map<string, Json>([
      ["state.json", await this.#read("/var/lib/vipd/state.json")],
      ["journal.jsonl", await this.#read(journal)],
      ["token", await this.#read("/run/vipd/token")],
      ["api", await this.#read("/run/vipd/api")],
      ["overrides", overrides],
      ["entries", JSON.parse(JSON.stringify(entries))],
    ]);
    await this.#lb01.stop();
    return files;
  }

  async #orders(): Promise<void> {
    await this.#call("POST", "VI_1/promote");
    await this.#call("POST", "VI_1/release");
    await this.#call("POST", "VI_1/promote");
    await this.#call("POST", "VI_2/promote", LONG);
    await this.#call("POST", "VI_3/demote", LONG);
    await this.#call("PUT", "VI_4/priority", '{"priority":120}');
  }

  /** What fills a journal. */
  async #troubles(): Promise<void> {
    const { host } = this.#lb01;
    await host.run(["ip", "address", "del", "192.168.31.51/24", "dev", "eth1"]);
    const guess = "curl -s -o /dev/null -X POST -H 'Authorization: Bearer wrong' " +
      "http://127.0.0.1:9112/v1/reload";
    await host.run(["sh", "-c", `for i in 1 2 3 4 5 6 7 8 9 10 11; do ${guess}; done`]);
    await this.#lb01.reload(LB01.replace("vrid: 51", "vrid: 510"));
    await this.#recorded("reload_failed");
    await this.#lb01.reload(LB01.replace("priority: 150", "priority: 140"));
    await this.#recorded("reloaded");
    await this.#recorded("address_vanished");
  }

  async #call(method: string, path: string, body = "{}"): Promise<void> {
    await this.#lb01.host.run([
      "sh",
      "-c",
      `curl -X ${method} -H "Authorization: Bearer $(cat /run/vipd/token)" --data '${body}' ` +
      `-H "Content-Type: application/json" --silent --show-error --fail-with-body --max-time 15 ` +
      `http://127.0.0.1:9112/v1/instances/${path}`,
    ]);
  }

  async #recorded(code: string): Promise<void> {
    await this.#until(
      `the journal to say ${code}`,
      async () => (await this.#lb01.events()).some((entry) => entry.code === code),
    );
  }

  async #masters(): Promise<number> {
    const instances = (await this.#lb01.status())?.instances ?? [];
    return instances.filter(({ state }) => state === "master").length;
  }

  /** The standing orders, as the status of the second run shows them. */
  async #overrides(): Promise<Json> {
    const instances = (await this.#lb01.status())?.instances ?? [];
    return JSON.parse(JSON.stringify(
      Object.fromEntries(instances.map(({ name, override }) => [name, override])),
    ));
  }

  async #read(path: string): Promise<string> {
    return (await this.#lb01.host.run(["cat", path])).stdout;
  }

  async #until(what: string, look: () => Promise<boolean>): Promise<void> {
    await waitFor(what, look, { ...WAIT, explain: () => this.#lb01.lastLines.join("\n") });
  }
}

/** The files of an executable, by name, and what its second run says of them. */
export async function walkFiles(binary: string): Promise<Map<string, Json>> {
  await using lab = await Lab.open(`frozen-files-${crypto.randomUUID()}`, PLAN);
  const files = await new FilesWalk(lab, binary).walk();
  const host = lab.host("lb02");
  await ownFiles(host);
  await host.write(CONFIG_FILE, LB02);
  await host.run([
    ...[binary, "init", "--unit-only", "--output", CONFIG_FILE, "--unit", UNIT_FILE],
    ...["--executable", "/usr/local/bin/vipd"],
  ]);
  return files.set("vipd.service", (await host.run(["cat", UNIT_FILE])).stdout);
}
