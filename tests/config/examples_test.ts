/** What people copy: no example, and nothing that `vipd init` writes, takes the address away when the backends fail. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { configText, planInit } from "../../src/cli/commands/init/config.ts";
import type { MachineFacts } from "../../src/cli/commands/init/model.ts";

const ROOT = new URL("../../", import.meta.url);

interface Example {
  readonly checks?: Readonly<Record<string, { readonly type: string }>>;
  readonly instances?: readonly {
    readonly track?: readonly {
      readonly check?: string;
      readonly weight?: number;
      readonly when_down?: string;
    }[];
  }[];
}

/** Every YAML text in a document that has an instance which tracks something. */
function examplesIn(document: string): string[] {
  return Array.from(document.matchAll(/^```yaml\n([\s\S]*?)^```/gm), ([, text]) => text!)
    .filter((text) => /^instances:/m.test(text) && /^ +track:/m.test(text));
}

async function documents(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
  for (const name of ["lb01", "lb02"]) {
    found.set(`config/${name}.yaml`, [await read(`config/${name}.yaml`)]);
  }
  const docs = await Array.fromAsync(Deno.readDir(new URL("docs/", ROOT)), ({ name }) => name);
  for (const path of ["README.md", ...docs.map((name) => `docs/${name}`)]) {
    if (path.endsWith(".md")) found.set(path, examplesIn(await read(path)));
  }
  const machine: MachineFacts = {
    hostname: "lb01",
    interfaces: [{
      ...{ name: "eth1", index: 2, enabled: true, up: true, mac: new Uint8Array(6) },
      addresses: [{ address: "192.168.31.11", prefixLength: 24 }],
    }],
    ...{ keepalived: false, nginx: true, nginxAnswers: true },
  };
  const plan = planInit({
    ...{ addresses: ["192.168.31.5"], vrid: 55, role: "master", interface: "", peers: [] },
  }, machine);
  assert.ok(typeof plan !== "string", String(plan));
  return found.set("vipd init", [configText(plan, machine.interfaces)]);
}

Deno.test("only a dead process means fault in an example: any other check may fail on both nodes at once", async () => {
  const all = await documents();
  for (const path of ["docs/configuration.md", "docs/checks.md", "config/lb01.yaml", "vipd init"]) {
    const texts = (all.get(path) ?? []).join();
    assert.match(texts, /when_down: last_resort/, `${path} shows how`);
  }
  for (const [path, texts] of all) {
    for (const { checks = {}, instances = [] } of texts.map((text): Example => parse(text))) {
      const tracked = instances.flatMap(({ track = [] }) => track);
      const faults = tracked.filter(({ check, weight, when_down }) =>
        check !== undefined && weight === undefined && when_down !== "last_resort"
      );
      for (const { check } of faults) {
        assert.equal(checks[check!]?.type, "process", `${path}: ${check}`);
      }
    }
  }
});
