/** The files of `vipd init`, with a blank too few or too many at the begin of one line. */

import assert from "node:assert/strict";
import { configText, planInit } from "../../../src/cli/commands/init/config.ts";
import type { Answers } from "../../../src/cli/commands/init/model.ts";
import { diagnose, parse } from "../support.ts";

const INTERFACES = [{
  ...{ name: "eth1", index: 2, enabled: true, up: true, mac: new Uint8Array(6) },
  addresses: [
    { address: "192.168.31.11", prefixLength: 24 },
    { address: "2001:db8::11", prefixLength: 64 },
    { address: "fe80::1", prefixLength: 64 },
  ],
}];
const ANSWERS: Answers = {
  ...{ addresses: ["192.168.31.5"], vrid: 55, role: "master", interface: "", peers: [] },
};

function fileOf(answers: Answers): readonly string[] {
  const plan = planInit(answers, {
    ...{ hostname: "lb01", interfaces: INTERFACES },
    ...{ keepalived: false, nginx: true, nginxAnswers: true },
  });
  assert.ok(typeof plan !== "string", String(plan));
  return configText(plan, INTERFACES).split("\n");
}

const FILES: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ["one address", fileOf(ANSWERS)],
  [
    "both families and unicast",
    fileOf({
      ...{ ...ANSWERS, addresses: ["192.168.31.5", "2001:db8::5"] },
      peers: ["192.168.31.12", "2001:db8::12"],
    }),
  ],
  ["Windows' line ends", fileOf(ANSWERS).map((line) => line && `${line}\r`)],
];

/** Lines that begin with blanks and are no comment. */
function indented(lines: readonly string[]): readonly number[] {
  return lines.flatMap((line, index) => /^ +[^\s#]/.test(line) ? [index] : []);
}

function blanks(count: number): string {
  if (count === 0) return "no blank";
  return count === 1 ? "1 blank" : `${count} blanks`;
}

for (const [name, lines] of FILES) {
  for (const shift of [-1, 1]) {
    const slip = shift < 0 ? "few" : "many";
    Deno.test(`a blank too ${slip} gives one error with the number of blanks: ${name}`, () => {
      for (const index of indented(lines)) {
        const right = lines[index]!.search(/\S/);
        const line = " ".repeat(right + shift) + lines[index]!.trimStart();
        const text = lines.with(index, line).join("\n");
        const result = parse(text);
        // A mapping's only line may begin anywhere deeper than its key.
        if (result.ok) continue;
        assert.equal(result.diagnostics.length, 1, text + JSON.stringify(result, null, 2));
        const [found] = result.diagnostics;
        assert.equal(found!.line, index + 1, JSON.stringify(found));
        assert.equal(found!.column, right + shift + 1);
        assert.equal(found!.hint, `begin it with ${blanks(right)}`);
      }
    });
  }

  Deno.test(`two blanks too few or too many give one error, and its remedy helps: ${name}`, () => {
    for (const index of indented(lines)) {
      for (const shift of [-2, 2]) {
        const right = lines[index]!.search(/\S/);
        const line = " ".repeat(right + shift) + lines[index]!.trimStart();
        const wrong = lines.with(index, line);
        const found = diagnose(wrong.join("\n"));
        assert.ok(found.length <= 1, wrong.join("\n") + JSON.stringify(found, null, 2));
        if (found.length === 0) continue;
        const [, count] = /^begin it with (no|\d+) blanks?$/.exec(found[0]!.hint) ?? [];
        assert.ok(count !== undefined, JSON.stringify(found));
        const at = found[0]!.line! - 1;
        const wanted = " ".repeat(count === "no" ? 0 : Number(count));
        const corrected = wrong.with(at, wanted + wrong[at]!.trimStart());
        assert.ok(parse(corrected.join("\n")).ok, corrected.join("\n"));
      }
    }
  });
}

Deno.test("lines that begin at several wrong places give one error", () => {
  const [[, lines]] = FILES as [typeof FILES[number]];
  const types = indented(lines).filter((index) => /^ +type:/.test(lines[index]!));
  const wrong = lines.map((line, index) => types.includes(index) ? line.slice(1) : line);
  assert.equal(types.length, 2);
  assert.equal(diagnose(wrong.join("\n")).length, 1);
});

Deno.test("a large file is read in a bounded time, whatever its lines begin with", () => {
  const check = (index: number) => `  c${index}:\n    type: process\n    process: nginx\n`;
  const text = `checks:\n${Array.from({ length: 1200 }, (_, index) => check(index)).join("")}`;
  const wrong = text.replace(/ {4}(type: process\n.*\n)$/, "   $1");
  assert.notEqual(wrong, text);
  const begun = performance.now();
  assert.equal(diagnose(wrong).length, 1);
  assert.ok(performance.now() - begun < 10_000);
});
