/** Whatever stands in a file, an import ends, without an exception, in a valid configuration or in errors. */

import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { Report } from "../../src/keepalived/finding.ts";
import { importLines } from "../../src/keepalived/import.ts";
import { parseStatements } from "../../src/keepalived/parse.ts";
import { seededRandom } from "../../src/sim/random.ts";
import { linesOf } from "./support.ts";

const FOLDER = new URL("./files/", import.meta.url);

async function seedTexts(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(FOLDER)) {
    if (isFile && name.endsWith(".conf")) names.push(name);
  }
  return await Promise.all(names.sort().map((name) => Deno.readTextFile(new URL(name, FOLDER))));
}

const SEEDS = await seedTexts();

/** Pieces with a meaning to the parser, to the converter, or to JavaScript. */
const PIECES = [
  "{",
  "}",
  '"',
  "'",
  "!",
  "#",
  "\\",
  "\n",
  "\r",
  "\0",
  "$A=",
  "$A",
  "${A}",
  "${",
  "@lb01 ",
  "@^x ",
  "~SEQ(A,1,9) ",
  "weight -",
  "include x\n",
  "99999999999999999999",
  "-0",
  "1e9",
  "NaN",
  "constructor ",
  "__proto__ ",
  "toString",
  "\u0430",
  "\ud800",
  "virtual_ipaddress {",
  "vrrp_script x {",
  "::1/64",
  "255.255.255.255/32",
];

function mutate(text: string, random: () => number): string {
  let result = text;
  const at = () => Math.floor(random() * (result.length + 1));
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
    const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
    const piece = PIECES[Math.floor(random() * PIECES.length)]!;
    const choice = random();
    if (choice < 0.4) result = result.slice(0, from) + piece + result.slice(from);
    else if (choice < 0.7) result = result.slice(0, from) + result.slice(Math.min(to, from + 20));
    else if (choice < 0.9) result = result.slice(0, from) + piece + result.slice(from + 1);
    else {result = result.slice(0, to) + result.slice(from, Math.min(to, from + 200)) +
        result.slice(to);}
  }
  return result;
}

Deno.test("a parser that is fed 100,000 mutations neither throws nor hangs", () => {
  const random = seededRandom(315);
  let statements = 0;
  for (let round = 0; round < 100_000; round++) {
    const text = mutate(SEEDS[round % SEEDS.length]!, random);
    statements += parseStatements(linesOf(text), "lb01", new Report()).length;
  }
  assert.ok(statements > 100_000, `${statements} statements`);
});

Deno.test("an import of 3,000 mutations ends in errors or in a configuration that vipd takes", () => {
  const random = seededRandom(55);
  const options = { id: "lb01", hostname: "lb01" };
  let written = 0;
  for (let round = 0; round < 3000; round++) {
    const text = mutate(SEEDS[round % SEEDS.length]!, random);
    const { yaml, findings } = importLines(
      ["k.conf"],
      linesOf(text, "k.conf"),
      options,
      new Report(),
    );
    assert.equal(yaml === null, findings.some(({ severity }) => severity === "error"), text);
    if (yaml === null) continue;
    written++;
    const result = parseConfig(yaml, "vipd.yaml", { hostname: "lb01" });
    const problems = result.ok ? "" : result.diagnostics.map(({ message }) => message).join("; ");
    assert.ok(result.ok, `round ${round}: ${problems}\n${text}\n${yaml}`);
  }
  assert.ok(written > 300, `${written} were written`);
});

Deno.test("parameters that grow beyond all bounds are an error, soon", () => {
  const doubling = [
    "$A0=x",
    ...Array.from({ length: 60 }, (_, i) => `$A${i + 1}=\${A${i}}\${A${i}}`),
  ];
  const lines = ["$B= \\", "$B \\", "$B"];
  for (const text of [[...doubling, "y ${A60}"].join("\n"), [...lines, "$B"].join("\n")]) {
    const report = new Report();
    parseStatements(linesOf(text), "lb01", report);
    assert.ok(report.failed);
  }
});
