import assert from "node:assert/strict";
import { importText, instanceWith, told } from "../support.ts";

Deno.test("a word between a keyword of tracking and its block is listed as without effect", async (t) => {
  const script = 'vrrp_script chk {\nscript "/bin/true"\n}\n';
  for (
    const [keyword, entry] of [
      ["track_script", "chk"],
      ["track_interface", "eth1"],
    ] as const
  ) {
    await t.step(keyword, async () => {
      const text = `${script}${instanceWith(`${keyword} surplus {\n${entry}\n}`)}`;
      const found = told((await importText(text)).findings).filter((line) =>
        line.includes("surplus")
      );
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0]!, /what follows its value is not looked at: .surplus/);
    });
  }
});
