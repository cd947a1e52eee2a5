import assert from "node:assert/strict";
import { join } from "node:path";
import { parseConfig } from "../../../src/config/load.ts";
import { FrontCare } from "../../../src/daemon/front/front_care.ts";
import { EngineLink, type FrontSide } from "../../../src/ipc/engine_link.ts";
import { exampleConfig, inFolder } from "../../cli/captured_context.ts";
import { FakeEngine } from "../../ipc/fake_engine.ts";

async function until(what: string, holds: () => boolean): Promise<void> {
  const untilMs = Date.now() + 5000;
  while (!holds()) {
    if (Date.now() > untilMs) assert.fail(`not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A front in whose place the test speaks. */
function frontAt(folder: string): EngineLink {
  const side: FrontSide = {
    prepare: () => Promise.resolve(null),
    commit: () => link.reportServing({ addresses: [], problem: null }),
    askAgain: () => {},
    askClients: () => {},
    finish: () => Promise.resolve(),
    welcomed: () => {},
    standDown: () => {},
  };
  const path = join(folder, "engine.sock");
  const link = new EngineLink({ path, user: "nobody", folder, log: () => {} }, side);
  void link.run();
  return link;
}

Deno.test("a front that has served and hangs is down, and one that is refused again and again is recorded once", async () => {
  await inFolder(async (folder) => {
    const parsed = parseConfig(exampleConfig(folder), "vipd.yaml", { hostname: "lb01" });
    assert.ok(parsed.ok);
    const recorded: string[] = [];
    const care = await FrontCare.open({
      config: parsed.config,
      charge: { kind: "service", gid: null },
      engine: new FakeEngine(),
      record: (_, code) => void recorded.push(code),
      apiDown: () => {},
      serves: () => {},
    });
    assert.equal(care.status().state, "starting");
    const front = frontAt(folder);
    await until("it serves", () => care.status().state === "serving");
    const second = frontAt(folder);
    await until("it is refused", () => recorded.includes("front_refused"));
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(recorded.filter((code) => code === "front_refused"), ["front_refused"]);
    second.close();
    const now = performance.now;
    performance.now = () => now.call(performance) + 6000;
    try {
      await until("it hangs", () => care.status().state !== "serving");
      const { state, problem } = care.status();
      assert.deepEqual([state, problem], ["down", "the front does not answer the engine"]);
    } finally {
      performance.now = now;
      front.close();
      await care.close(10);
    }
  });
});
