/** Files of every size and shape are read to their end, without an exception. */

import assert from "node:assert/strict";
import { seededRandom } from "../wire/random.ts";
import { importText, instanceWith } from "./support.ts";

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

Deno.test("a hundred thousand lines and ten megabytes are read to their end", async () => {
  const comment = `# ${"x".repeat(98)}\n`;
  const { yaml } = await importText(comment.repeat(100_000) + instanceWith("priority 120"));
  assert.match(yaml!, /priority: 120/);
});

Deno.test("scripts of any length are looked at to their end", async () => {
  for (const piece of ["ps ", "ss |grep ", "nc -z ", "docker ", "curl http://", "pgrep -f "]) {
    const script = `vrrp_script x {\nscript "${piece.repeat(1300)}"\n}\n`;
    const { yaml } = await importText(script + instanceWith("track_script { x }"));
    assert.match(yaml!, /type: exec/, piece);
  }
});
