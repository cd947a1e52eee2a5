import assert from "node:assert/strict";
import { join } from "node:path";
import { unitText } from "../../src/cli/unit.ts";

const UNIT = new URL("../../config/vipd.service", import.meta.url);
/** What systemd-analyze(1) may make of it, from 0 (no exposure) to 10. */
const EXPOSURE_LIMIT = 2.5;

Deno.test("the unit in config/ is the one that vipd init writes", async () => {
  const text = unitText("/usr/local/bin/vipd");
  if (Deno.env.get("UPDATE_GOLDEN")) await Deno.writeTextFile(UNIT, text);
  assert.equal(await Deno.readTextFile(UNIT), text);
});

Deno.test("systemd understands every line of the unit and finds it well confined", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "vipd.service");
    await Deno.writeTextFile(file, unitText("/usr/bin/true").replace(/^Documentation=.*\n/m, ""));
    const analyze = async (...args: string[]) => {
      const { stdout, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
      return [stdout, stderr].map((octets) => new TextDecoder().decode(octets));
    };
    const [, complaints] = await analyze("verify", file);
    const own = complaints!.split("\n").filter((line) => line.includes("vipd.service"));
    assert.deepEqual(own, []);
    const [table] = await analyze("security", "--offline=true", "--no-pager", file);
    const exposure = Number(/exposure level for vipd\.service: ([\d.]+)/.exec(table!)?.[1]);
    assert.ok(exposure <= EXPOSURE_LIMIT, table!);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
