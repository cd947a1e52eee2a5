/** What 0.1.0 has left on a disk is read as 0.1.0 read it, and in force after an upgrade. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { parseConfig } from "../../src/config/load.ts";
import { publishedTargets } from "../../src/daemon/files/api_addresses.ts";
import { readJournal } from "../../src/daemon/files/journal_file.ts";
import { openStateFile } from "../../src/daemon/files/state_file.ts";
import { ENGINE } from "../../src/daemon/service/unit.ts";
import { LoadBalancer } from "../../src/node/load_balancer.ts";
import { SimHost } from "../../src/sim/host.ts";
import { SimNetwork } from "../../src/sim/network.ts";
import { VirtualTime } from "../../src/sim/time.ts";
import { readToken, TokenFile } from "../../src/tokens/token_file.ts";
import { assertAsFrozen, assertWalkAsFrozen } from "./accept.ts";
import { PRESENT } from "./asked.ts";
import { readFamily } from "./data.ts";
import { KEPT, type KeptFile } from "./families/kept.ts";
import { withFiles } from "./folder.ts";
import type { Json } from "./json.ts";

const CONFIG = `node: lb01
instances:
${
  [1, 2, 3, 4].map((number) =>
    `  - { name: VI_${number}, interface: eth1, vrid: 5${number}, addresses: [192.168.31.5${number}/24] }\n`
  ).join("")
}`;

async function frozenFiles(): Promise<Map<string, Json>> {
  const { items } = await readFamily("files");
  return new Map(items.map(({ name, output }) => [name, output]));
}

function text(files: ReadonlyMap<string, Json>, name: string): string {
  const found = files.get(name);
  assert.ok(typeof found === "string", `no ${name} is frozen`);
  return found;
}

Deno.test("files that are whole, damaged or of another version are read as by 0.1.0", async () => {
  await assertAsFrozen(KEPT.name, ({ input }) => KEPT.answer(input as KeptFile, PRESENT));
});

Deno.test("what 0.1.0 has left is in force after an upgrade: overrides, journal, token, addresses, unit", async () => {
  const files = await frozenFiles();
  const { "state.json": state, "journal.jsonl": journal, token, api } = Object.fromEntries(
    ["state.json", "journal.jsonl", "token", "api"].map((name) => [name, text(files, name)]),
  ) as Record<"state.json" | "journal.jsonl" | "token" | "api", string>;
  await withFiles({ "state.json": state, "journal.jsonl": journal, token, api }, async (folder) => {
    const { entries, problems } = await readJournal(folder);
    assert.deepEqual(problems, []);
    const found = new Map<string, Json>(files);
    found.set("entries", JSON.parse(JSON.stringify(entries)));
    found.set("overrides", await overridesFrom(folder, Date.parse(entries.at(-1)!.time)));
    found.set("token", `${await tokenOf(join(folder, "token"))}\n`);
    found.set(
      "api",
      (await publishedTargets(folder)).map((it) => it.kind === "http" ? `${it.url}\n` : "").join(
        "",
      ),
    );
    found.set("vipd.service", ENGINE.text("/usr/local/bin/vipd"));
    await assertWalkAsFrozen("files", found);
  });
});

/** The standing orders of a node that starts with this `state_dir` at that time. */
async function overridesFrom(stateDir: string, atMs: number): Promise<Json> {
  const parsed = parseConfig(CONFIG, "vipd.yaml", { hostname: "lb01" });
  assert.ok(parsed.ok);
  const time = new VirtualTime();
  const network = new SimNetwork(time, () => 0);
  const machine = { name: "lb01", interface: "eth1", address: "192.168.31.11" };
  const host = new SimHost(machine, time, network);
  host.jumpWallClock(atMs - host.wallClockMs());
  const node = new LoadBalancer(parsed.config, host, {
    version: PRESENT.version,
    store: await openStateFile(stateDir),
  });
  node.start();
  const { instances } = node.status();
  await node.stop();
  const overrides = instances.map(({ name, override }) => [name, override]);
  return JSON.parse(JSON.stringify(Object.fromEntries(overrides)));
}

/** As a daemon and as a command read it; the daemon must not make another one. */
async function tokenOf(path: string): Promise<string> {
  const file = await TokenFile.open(path, "change", (_, message) => assert.fail(message));
  assert.equal(await file.token(), await readToken(path));
  return await file.token();
}
