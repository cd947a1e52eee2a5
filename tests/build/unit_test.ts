import assert from "node:assert/strict";
import { join } from "node:path";
import { ENGINE, FRONT, packagedText, SERVICE_UNITS } from "../../src/daemon/service/unit.ts";

const CONFIG = new URL("../../config/", import.meta.url);
/** What systemd-analyze(1) may make of each, from 0 (no exposure) to 10. */
const EXPOSURE_LIMITS = new Map([[ENGINE, 2.5], [FRONT, 1.5]]);

for (const unit of SERVICE_UNITS) {
  Deno.test(`config/${unit.name} is the unit that vipd init writes`, async () => {
    const file = new URL(unit.name, CONFIG);
    const text = unit.text("/usr/local/bin/vipd");
    if (Deno.env.get("UPDATE_GOLDEN")) await Deno.writeTextFile(file, text);
    assert.equal(await Deno.readTextFile(file), text);
  });
}

Deno.test("systemd understands every line of the units and finds them well confined", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const files = SERVICE_UNITS.map(({ name }) => join(folder, name));
    for (const { name, text } of SERVICE_UNITS) {
      await Deno.writeTextFile(join(folder, name), text("/usr/bin/true"));
    }
    const [, complaints] = await analyze("verify", ...files);
    const own = complaints!.split("\n").filter((line) => /vipd(-front)?\.service/.test(line));
    assert.deepEqual(own, []);
    for (const [unit, limit] of EXPOSURE_LIMITS) {
      const [table] = await analyze(
        ...["security", "--offline=true", "--no-pager", join(folder, unit.name)],
      );
      const level = new RegExp(`exposure level for ${RegExp.escape(unit.name)}: ([\\d.]+)`);
      const exposure = Number(level.exec(table!)?.[1]);
      assert.ok(exposure <= limit, table!);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("only a package's unit names man pages, which only a package has", () => {
  for (const unit of SERVICE_UNITS) {
    const copied = unit.text("/usr/bin/vipd");
    const packaged = packagedText(unit);
    assert.deepEqual(values(copied, "Documentation"), []);
    assert.deepEqual(values(packaged, "Documentation"), ["man:vipd(8) man:vipd.yaml(5)"]);
    assert.equal(packaged.replace(/^Documentation=.*\n/m, ""), copied);
  }
});

async function analyze(...args: string[]): Promise<string[]> {
  const { stdout, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
  return [stdout, stderr].map((octets) => new TextDecoder().decode(octets));
}

/** The values of a key, systemd.syntax(7). */
function values(text: string, key: string): string[] {
  return Array.from(text.matchAll(new RegExp(`^${key}=(.*)$`, "gm")), ([, value]) => value!);
}

Deno.test("the front has a user of its own, no capability, and no socket but those of an API", () => {
  const front = FRONT.text("/usr/bin/vipd");
  assert.deepEqual(values(front, "User"), ["vipd-front"]);
  assert.deepEqual(values(front, "Group"), ["vipd-front"]);
  assert.deepEqual(values(front, "SupplementaryGroups"), []);
  for (const key of ["AmbientCapabilities", "CapabilityBoundingSet"]) {
    assert.deepEqual(values(front, key), [""], key);
  }
  assert.deepEqual(values(front, "RestrictAddressFamilies"), ["AF_INET AF_INET6 AF_UNIX"]);
});

Deno.test("a stop ends the engine first, and a front that ends is no end of the engine", () => {
  const engine = ENGINE.text("/usr/bin/vipd");
  const front = FRONT.text("/usr/bin/vipd");
  // The order at a stop is the one at a start, reversed.
  assert.deepEqual(values(front, "Before"), [ENGINE.name]);
  assert.deepEqual(values(front, "PartOf"), [ENGINE.name]);
  assert.deepEqual(values(engine, "Wants"), [FRONT.name]);
  for (const key of ["Requires", "BindsTo", "PartOf"]) assert.deepEqual(values(engine, key), []);
});

Deno.test("the front starts on a machine without user namespaces, and ends at its limit instead of crawling below it", () => {
  const front = FRONT.text("/usr/bin/vipd");
  for (const key of ["PrivateUsers", "MemoryHigh"]) assert.deepEqual(values(front, key), [], key);
  assert.deepEqual(values(front, "MemoryMax"), ["256M"]);
});
