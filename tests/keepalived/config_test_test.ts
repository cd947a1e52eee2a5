/** Files that keepalived's own test accepts are not refused, unless a reason is listed here. */

import assert from "node:assert/strict";
import { importKeepalived } from "../../src/keepalived/import.ts";
import { filesOf } from "./support.ts";

const FOLDER = new URL("./files/", import.meta.url);
const INTERFACES = ["eth0", "eth1", "eth2", "eth3"];

/** Why vipd refuses what keepalived takes. */
const REASONS: Readonly<Record<string, RegExp>> = {
  "authentication_ah.conf": /authentication of the type AH/,
  // Two masters of one VRID, or of one address, on one link.
  "duplicates.conf": /uses VRID 10 on eth0 already|stands at instances\[0\]|has the name/,
  "empty.conf": /no vrrp_instance can be imported/,
  "track_file_relative.conf": /is not a file on a disk or in memory|is not an absolute path/,
};

/** Exit codes of `keepalived --config-test`: all right, and scripts that others could change (only a warning). */
const ACCEPTED = [0, 6];

async function available(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  return await new Deno.Command("sh", { args: ["-c", "command -v keepalived unshare ip"] })
    .output().then(({ success }) => success, () => false);
}

/** The exit code for each file, in a network namespace of its own with the usual interfaces. */
async function exitCodes(names: readonly string[]): Promise<Map<string, number>> {
  const links = INTERFACES.map((name, index) =>
    `ip link add ${name} type veth peer name far${index}; ip link set ${name} up; ip address add 10.0.${index}.1/24 dev ${name}`
  );
  const one = 'timeout -k 1 1 keepalived -t -f "$0" >/dev/null 2>&1; echo "$? $0"';
  const tests = `printf '%s\\n' "$@" | xargs -P 4 -I {} sh -c '${one}' {}`;
  const script = ["ip link set lo up", ...links, tests].join("\n");
  const { stdout } = await new Deno.Command("unshare", {
    args: ["--net", "sh", "-c", script, "sh", ...names],
    cwd: FOLDER,
    stderr: "null",
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  return new Map(lines.map((line) => [line.replace(/^\d+ /, ""), parseInt(line)]));
}

Deno.test({
  name: "a file that keepalived accepts is imported, or the reason is listed",
  // Only where keepalived is installed and root may make a network namespace.
  ignore: !await available(),
  async fn(t) {
    const entries = await Array.fromAsync(Deno.readDir(FOLDER));
    const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".conf")).sort();
    const codes = await exitCodes(names);
    const included: Record<string, string> = {};
    for await (const { name, isFile } of Deno.readDir(new URL("conf.d/", FOLDER))) {
      if (!isFile) continue;
      const path = `conf.d/${name}`;
      included[path] = await Deno.readTextFile(new URL(path, FOLDER));
    }
    assert.equal(codes.size, names.length);
    let accepted = 0;
    for (const name of names.filter((each) => ACCEPTED.includes(codes.get(each)!))) {
      accepted++;
      await t.step(name, async () => {
        const text = await Deno.readTextFile(new URL(name, FOLDER));
        const result = await importKeepalived(name, filesOf({ ...included, [name]: text }), {
          id: "lb01",
          hostname: "lb01",
        });
        const errors = result.findings.filter(({ severity }) => severity === "error");
        const unexpected = errors.filter(({ message }) => !REASONS[name]?.test(message));
        assert.deepEqual(unexpected, []);
      });
    }
    assert.ok(accepted >= 10, `keepalived accepts ${accepted} of ${names.length}`);
  },
});
