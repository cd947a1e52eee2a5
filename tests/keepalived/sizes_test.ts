/** Files of every size and shape are read to their end, without an exception. */

import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import { explainedText } from "../../src/keepalived/explain.ts";
import { Parameters } from "../../src/keepalived/syntax/parameters.ts";
import { seededRandom } from "../wire/random.ts";
import { importKeepalived } from "../../src/keepalived/import.ts";
import { filesOf, importText, instanceWith, told } from "./support.ts";

const FOLDER = new URL("./files/", import.meta.url);

/** One character or line removed, doubled or replaced. */
function mutated(text: string, random: () => number): string {
  const lines = text.split("\n");
  const at = Math.floor(random() * lines.length);
  const other = lines[Math.floor(random() * lines.length)]!;
  const column = Math.floor(random() * (lines[at]!.length + 1));
  const odd = ["{", "}", '"', "\\", "$A", "@x ", "~SEQ(A,1,2) ", "\u0000", "!", "é"];
  const change = [
    () => [],
    () => [lines[at]!, lines[at]!],
    () => [other],
    () => [
      lines[at]!.slice(0, column) + odd[Math.floor(random() * odd.length)] +
      lines[at]!.slice(column),
    ],
    () => [lines[at]!.slice(0, column)],
  ][Math.floor(random() * 5)]!;
  return lines.toSpliced(at, 1, ...change()).join("\n");
}

Deno.test("mutated files are imported without an exception", async () => {
  const entries = await Array.fromAsync(Deno.readDir(FOLDER));
  const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".conf")).sort();
  const random = seededRandom(15);
  for (const name of names) {
    let text = await Deno.readTextFile(new URL(name, FOLDER));
    for (let round = 0; round < 12; round++) {
      text = mutated(text, random);
      const { yaml, findings, explain } = await importText(text);
      const failed = findings.some(({ severity }) => severity === "error");
      assert.equal(yaml === null, failed, `${name}:\n${text}`);
      explain();
    }
  }
});

const LINES = 100_000;
const lines = (of: (index: number) => string, count = LINES) =>
  Array.from({ length: count }, (_, index) => `${of(index)}\n`).join("");
const ten = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;

/** Files of a hundred thousand lines or ten megabytes; what must come of each. */
const LARGE: Readonly<Record<string, readonly [text: string, expected: RegExp]>> = {
  "comments": [lines(() => `# ${"x".repeat(98)}`) + instanceWith("priority 120"), /priority: 120/],
  "unknown keywords": [instanceWith(lines((n) => `pririty${n} 5`)), /vrid: 10/],
  "addresses": [
    instanceWith(`virtual_ipaddress {\n${lines((n) => `${ten(n)}/24 dev eth0`)}}`),
    /entries are too many/,
  ],
  "checks, and tracks of others": [
    lines((n) => `vrrp_script s${n} {\nscript "/usr/bin/ask"\n}`, LINES / 5) +
    instanceWith(`track_script {\n${lines((n) => `t${n}`, LINES / 5)}}`),
    /nothing tracks "s0"/,
  ],
  "checks that are tracked": [
    lines((n) => `vrrp_script s${n} {\nscript "/usr/bin/ask"\n}`, LINES / 5) +
    instanceWith(`track_script {\n${lines((n) => `s${n}`, LINES / 5)}}`),
    /are too many/,
  ],
  "wrong addresses": [
    instanceWith(`virtual_ipaddress {\n${lines((n) => `${ten(n)}.x/24`)}}`),
    /is not an IP address/,
  ],
  "checks whose names become one": [
    lines((n) => `vrrp_script ${"!%&*".charAt(n % 4)}${n} {\nscript /bin/x\n}`, LINES / 3) +
    lines((n) => `vrrp_script x${"%".repeat(n)} {\nscript /bin/x\n}`, 200) + instanceWith(""),
    /nothing tracks "%1"/,
  ],
  "blocks in blocks": [lines(() => "a {") + instanceWith(""), /more than 100 blocks are open/],
  "one line": [
    instanceWith(`notify "/bin/x ${"y".repeat(10_000_000)}"`),
    /:5: note: notify: the line has 10000016 octets, and keepalived reads 1023 at once/,
  ],
  "a parameter in itself": [
    `$A=${"x".repeat(1000)}\n$B=${"${A} ".repeat(100)}\n${instanceWith("notify $B")}`,
    /1023 octets or more, which keepalived does not read/,
  ],
  "scripts of ten megabytes": [
    lines(
      (n) =>
        `vrrp_script s${n} {\n  script "/usr/local/bin/ask_the_service_${n} ${
          "--option ".repeat(8)
        }"\n` +
        "  interval 2\n  weight 5\n}",
      LINES * 3 / 4,
    ) + instanceWith("priority 120"),
    /priority: 120/,
  ],
};

Deno.test("a hundred thousand lines and ten megabytes are read to their end within 5 s", async (t) => {
  for (const [name, [text, expected]] of Object.entries(LARGE)) {
    await t.step(name, async () => {
      // By the processor's time, because other tests run at the same time.
      const before = cpuUsage();
      const { yaml, findings, explain } = await importText(text);
      explainedText(explain());
      const { user, system } = cpuUsage(before);
      assert.match(yaml ?? told(findings).join("\n"), expected);
      assert.ok(user + system < 5_000_000, `${(user + system) / 1e6} s`);
    });
  }
});

Deno.test("scripts of any length are looked at to their end", async () => {
  for (const piece of ["ps ", "ss |grep ", "nc -z ", "docker ", "curl http://", "pgrep -f "]) {
    const text = `vrrp_script x {\nscript "/x.sh"\n}\n${instanceWith("track_script { x }")}`;
    const files = filesOf({ "k.conf": text, "/x.sh": piece.repeat(1300) });
    const { yaml } = await importKeepalived("k.conf", files, { id: "lb01", hostname: "lb01" });
    assert.match(yaml!, /type: exec/, piece);
  }
});

Deno.test("a line grows by its parameters to 256 KiB at most", () => {
  const place = { file: "k.conf", line: 1 };
  for (const [length, ok] of [[256 * 1024, true], [256 * 1024 + 1, false]] as const) {
    const parameters = new Parameters("lb01", () => undefined);
    parameters.set("A", "x".repeat(length));
    assert.equal(parameters.expand("$A", place).ok, ok);
  }
});
