/**
 * keepalived's own test judges the files: what it accepts is imported, and what it does not accept is listed with all
 * that it says.
 */

import assert from "node:assert/strict";
import { keepalivedVersion } from "../../lab/keepalived.ts";
import { importKeepalived } from "../../src/keepalived/import.ts";
import { NOT_ACCEPTED, VERSION } from "./not_accepted.ts";
import { filesOf } from "./support.ts";

const FOLDER = new URL("./files/", import.meta.url);
const INTERFACES = ["eth0", "eth1", "eth2", "eth3"];

/** Why vipd refuses what keepalived takes. */
const REASONS: Readonly<Record<string, RegExp>> = {
  "authentication_ah.conf": /authentication of the type AH/,
  // Two masters of one VRID, or of one address, on one link.
  "duplicates.conf": /uses VRID 10 on eth0 already/,
  "empty.conf": /no vrrp_instance can be imported/,
  "only_balancing.conf": /no vrrp_instance can be imported/,
  "prefix_zero.conf": /the prefix length 0 makes every address/,
  "track_file_relative.conf": /is not a file on a disk or in memory|is not an absolute path/,
};

/** Exit codes of `keepalived --config-test`: all right, and scripts that others could change (only a warning). */
const ACCEPTED = [0, 6];

/** What keepalived says of a file; the code is `null` if it does not come to an end. */
interface Verdict {
  readonly code: number | null;
  readonly lines: readonly string[];
}

async function available(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  return await new Deno.Command("sh", { args: ["-c", "command -v keepalived unshare ip"] })
    .output().then(({ success }) => success, () => false);
}

/** Programs that the files name without a path, and that not every machine has. */
const BY_NAME = ["/usr/bin/docker"];

/** Programs that the files mean. */
async function programsOf(names: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(new URL(name, FOLDER))));
  const paths = texts.flatMap((text) => text.match(/\/(?:etc|usr)\/[\w./-]*[\w-]/g) ?? []);
  return [...new Set([...BY_NAME, ...paths])].filter((path) => !path.endsWith("/gone.sh"));
}

/**
 * The verdict on each file, on a machine that has what the files mean: the usual interfaces, the programs, the user. In
 * namespaces, and with layers over /etc and /usr, so that nothing of it stays.
 */
async function verdicts(names: readonly string[]): Promise<Map<string, Verdict>> {
  const links = INTERFACES.map((name, index) =>
    `ip link add ${name} type veth peer name far${index}; ip link set ${name} up; ip address add 10.0.${index}.1/24 dev ${name}`
  );
  const layers = ["etc", "usr"].map((name) =>
    `mkdir /mnt/${name} /mnt/${name}.work; mount -t overlay overlay -o lowerdir=/${name},upperdir=/mnt/${name},workdir=/mnt/${name}.work /${name}`
  );
  const programs = (await programsOf(names)).map((path) =>
    `[ -e ${path} ] || { mkdir -p $(dirname ${path}); printf '#!/bin/sh\\n' >${path}; chmod 755 ${path}; }`
  );
  // With scripts the test ends its whole process group with SIGTERM.
  const one = `timeout -s KILL 5 setsid -w sh -c 'trap "" TERM
keepalived -t -f "$0" >"$1" 2>&1
echo "=== $? $0" >>"$1"' "$1" "/mnt/$1.out"
grep -q "^===" "/mnt/$1.out" || echo "=== 137 $1" >>"/mnt/$1.out"`;
  const script = [
    "set -e; mount -t tmpfs tmpfs /mnt; ip link set lo up",
    ...links,
    ...layers,
    ...programs,
    "id keepalived_script >/dev/null 2>&1 || echo keepalived_script:x:0:0::/:/bin/false >>/etc/passwd",
    "set +e",
    `cat >/mnt/one <<'END'\n${one}\nEND`,
    "printf '%s\\n' \"$@\" | xargs -P 4 -I {} sh /mnt/one {}",
    "cat /mnt/*.out",
  ].join("\n");
  const { stdout } = await new Deno.Command("unshare", {
    args: [
      ...["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
      ...["sh", "-c", script, "sh", ...names],
    ],
    cwd: FOLDER,
    env: { PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
    stderr: "null",
  }).output();
  const found = new Map<string, Verdict>();
  let lines: string[] = [];
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    const [, code, name] = /^=== (\d+) (\S+)$/.exec(line) ?? [];
    if (name === undefined) {
      if (line.trim() !== "") lines.push(line);
      continue;
    }
    found.set(name, { code: code === "137" ? null : Number(code), lines: [...new Set(lines)] });
    lines = [];
  }
  return found;
}

async function namesOfFiles(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(FOLDER));
  return entries.map(({ name }) => name).filter((name) => name.endsWith(".conf")).sort();
}

const isAccepted = (verdict: Verdict | undefined) => ACCEPTED.includes(verdict?.code ?? -1);

Deno.test({
  name: "keepalived's own test of the files",
  // Only where keepalived is installed and root may make namespaces.
  ignore: !await available(),
  async fn(t) {
    const names = await namesOfFiles();
    const found = await verdicts(names);
    assert.deepEqual([...found.keys()].sort(), names);
    const accepted = names.filter((name) => isAccepted(found.get(name)));

    await t.step("what it does not accept is listed, and nothing else", async (t) => {
      // Another version knows other keywords and says it in other words.
      if (await keepalivedVersion() !== VERSION) return;
      const others = names.filter((name) => !isAccepted(found.get(name)));
      assert.deepEqual(others, Object.keys(NOT_ACCEPTED).sort());
      for (const name of others) {
        await t.step(name, () => {
          const { code, lines } = found.get(name)!;
          const reason = NOT_ACCEPTED[name]!;
          assert.equal(code === null, reason === "no end");
          if (reason === "no end") return;
          assert.ok(lines.length > 0, "it says why");
          assert.deepEqual(lines.filter((line) => !reason.test(line)), []);
        });
      }
    });

    const included: Record<string, string> = {};
    for await (const { name, isFile } of Deno.readDir(new URL("conf.d/", FOLDER))) {
      if (!isFile) continue;
      const path = `conf.d/${name}`;
      included[path] = await Deno.readTextFile(new URL(path, FOLDER));
    }
    await t.step("what it accepts is imported, or the reason is listed", async (t) => {
      for (const name of accepted) {
        await t.step(name, async () => {
          const text = await Deno.readTextFile(new URL(name, FOLDER));
          const files = filesOf({ ...included, [name]: text });
          const result = await importKeepalived(name, files, { id: "lb01", hostname: "lb01" });
          const errors = result.findings.filter(({ severity }) => severity === "error");
          const unexpected = errors.filter(({ message }) => !REASONS[name]?.test(message));
          assert.deepEqual(unexpected, []);
        });
      }
    });
  },
});
