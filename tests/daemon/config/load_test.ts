/** How a configuration is loaded on the machine that it is for. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { processContext } from "../../../src/cli/context.ts";
import { loadAny } from "../../../src/daemon/config/load.ts";
import { inFolder } from "../../cli/captured_context.ts";

const INSTANCES = 20;

/** How often `act` asks the machine for the addresses of all its interfaces. */
async function questions(act: () => Promise<void>): Promise<number> {
  const { networkInterfaces } = Deno;
  let asked = 0;
  const counting = () => {
    asked++;
    return networkInterfaces();
  };
  try {
    Object.assign(Deno, { networkInterfaces: counting });
    await act();
  } finally {
    Object.assign(Deno, { networkInterfaces });
  }
  return asked;
}

Deno.test("many instances do not each ask the machine for the addresses of all its interfaces", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "vipd.yaml");
    const instances = Array.from(
      { length: INSTANCES },
      (_, at) =>
        `  - { name: VI_${at}, interface: eth1, vrid: ${at + 1}, addresses: [10.1.1.${at}] }\n`,
    );
    await Deno.writeTextFile(path, `instances:\n${instances.join("")}`, { mode: 0o600 });
    const asked = await questions(async () => {
      const loaded = await loadAny(path, processContext(), { lenient: true });
      assert.ok(loaded.ok);
      assert.equal(loaded.config.instances.length, INSTANCES);
    });
    assert.equal(asked, 1);
  });
});
