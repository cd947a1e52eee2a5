/** Lines into statements. */

import assert from "node:assert/strict";
import { Report } from "../../../src/keepalived/finding.ts";
import { parseStatements } from "../../../src/keepalived/syntax/parse.ts";
import { linesOf, outline, parseText } from "../support.ts";

Deno.test("braces stand anywhere outside quotation marks", async (t) => {
  const cases: readonly [string, string, string][] = [
    ["on the same line", "a b {\nc d\n}", "a b { c d }"],
    ["on the next line", "a b\n{\nc\n}", "a b { c }"],
    ["all on one line", "a { b { c } d }", "a { b { c }; d }"],
    ["text after the brace", "a { b\nc } d", "a { b; c }; d"],
    ["without blanks", "a{b}c{d}", "a { b }; c { d }"],
    ["empty block", "a { }\nb {}", "a {  }; b {  }"],
    ["in quotation marks", 'a "{" b\nc "}"', "a { b; c }"],
    ["comment after the brace", "a { # one {\nb ! two }\n} # three", "a { b }"],
    ["tabs and blanks", "\ta\t{\n\t\tb  c\n\t}", "a { b c }"],
  ];
  for (const [name, text, want] of cases) {
    await t.step(name, () => {
      const { statements, findings } = parseText(text);
      assert.deepEqual([outline(statements), findings], [want, []]);
    });
  }
});

Deno.test("statements know their line", () => {
  const { statements } = parseText("# one\n\na {\n  b\n\n  c }\nd");
  const [a, d] = statements;
  assert.deepEqual([a?.line, a?.block?.map(({ line }) => line), d?.line], [3, [4, 6], 7]);
});

Deno.test("a keyword keeps what follows it as it is written", () => {
  const { statements } = parseText(`script "/bin/a 'b  c'" user # comment`);
  assert.equal(statements[0]?.rest, `"/bin/a 'b  c'" user`);
});

Deno.test("broken braces and quotes are errors with their line, and the rest is read", async (t) => {
  const cases: readonly [string, string, RegExp[]][] = [
    ["a {\nb", "a { b }", [/:1: note: a: its block is not closed; it ends with the file/]],
    ["a {\nb {\nc", "a { b { c } }", [/:1: error: a: its block/, /:2: error: b: its block/]],
    ["a }\nb", "a; b", [/:1: error: }: a } without its {/]],
    ["{\na\n}\nb", "b", [/:1: error: {: a { that no keyword/]],
    ["a { b } { c }\nd", "a { b }; d", [/:1: error: {: a { that no keyword/]],
    ['a "b\nc', "a b; c", [/:1: error: a: a quotation mark has no partner/]],
  ];
  for (const [text, want, patterns] of cases) {
    await t.step(JSON.stringify(text), () => {
      const { statements, findings } = parseText(text);
      assert.equal(outline(statements), want);
      assert.equal(findings.length, patterns.length, findings.join());
      for (const [index, pattern] of patterns.entries()) assert.match(findings[index]!, pattern);
    });
  }
});

Deno.test("conditions keep the lines of one id, and of all but one", async (t) => {
  const text = "@lb01 a\n@lb02 b\n@^lb01 c\n@^lb02 d\n@^lb01 @^lb02 e\nx {\n  @lb01 y\n @lb02 z\n}";
  const cases: readonly [string, string][] = [
    ["lb01", "a; d; x { y }"],
    ["lb02", "b; c; x { z }"],
    ["lb03", "c; d; e; x {  }"],
  ];
  for (const [id, want] of cases) {
    await t.step(id, () => assert.equal(outline(parseText(text, id).statements), want));
  }
});

Deno.test("of many ids that lines are for, and none of this node, five are named", () => {
  const ids = (count: number) => Array.from({ length: count }, (_, at) => `lb${at}`);
  for (const count of [5, 6]) {
    const { findings } = parseText(ids(count).map((id) => `@${id} a`).join("\n"), "here");
    const named = ids(5).map((id) => `"${id}"`).join(", ");
    assert.match(findings.join(), new RegExp(`lines for ${named}, and none`));
  }
});

Deno.test("lines of no node's are a loss only if they are for another one", () => {
  const cases: readonly [string, RegExp][] = [
    ["@lb02 a", /:1: loss: @: 1 line is left out: .* for "lb02", and none for this node, "lb01"/],
    ["@^lb01 a", /:1: note: @: 1 line is left out: it is not for this node, "lb01"/],
    ["@lb01 a\n@lb02 b\n@lb02 c", /:2: note: @: 2 lines are left out: they are not for this node/],
  ];
  for (const [text, pattern] of cases) {
    const { findings } = parseText(text);
    assert.equal(findings.length, 1);
    assert.match(findings[0]!, pattern);
  }
});

Deno.test("a surplus brace is without effect only between whole blocks and after the last one", async (t) => {
  const [x, y] = ["vrrp_instance X {\n}\n", "vrrp_instance Y {\n}\n"];
  const cases: readonly [string, RegExp][] = [
    ["}\n", /:1: note: }: .* after the last block/],
    [`}\n${x}`, /:1: note: }: .* between two blocks/],
    [`${x}}\n${y}`, /:3: note: }: .* between two blocks/],
    [`${x}}\n`, /:3: note: }: .* after the last block/],
    ["a {\n}\n}\n", /:3: note: }: .* after the last block/],
    ["a\n}\n", /:2: error: }: a } without its {/],
    [`a\n}\n${x}`, /:2: error: }: a } without its {/],
    [`${x}}\na\n`, /:3: error: }: a } without its {/],
    [`a {\n}\n}\n${x}`, /:3: error: }: a } without its {/],
    [`${x}}\na {\n}\n`, /:3: error: }: a } without its {/],
    [`vrrp_instance\n}\n${x}`, /:2: error: }: a } without its {/],
  ];
  for (const [text, pattern] of cases) {
    await t.step(JSON.stringify(text), () => {
      const { findings } = parseText(text);
      assert.equal(findings.length, 1, findings.join("\n"));
      assert.match(findings[0]!, pattern);
    });
  }
});

Deno.test("what parameters, sequences and blocks may come to has bounds", async (t) => {
  const [values, half] = ["x".repeat(998), "x".repeat(510)];
  const cases: readonly [name: string, text: string, statements: number | null, RegExp?][] = [
    ["rounds", "~SEQ(A, 1, 31775) x", 31775],
    ["a round too many", "~SEQ(A, 1, 31776) x", null, /stand for too many lines/],
    ["rounds of longer lines", `~SEQ(A, 1, 16383) ${"x".repeat(32)}`, 16383],
    ["one too many", `~SEQ(A, 1, 16384) ${"x".repeat(32)}`, null, /stand for too many lines/],
    ["values", `$A=${values}\n${"y $A\n".repeat(1048)}`, 1048],
    ["a value too many", `$A=${values}\n${"y $A\n".repeat(1049)}`, null, /parameters in param/],
    ["blocks in each other", `${"a {\n".repeat(99)}${"}\n".repeat(99)}`, 1],
    ["a block too many", `${"a {\n".repeat(100)}`, null, /more than 100 blocks are open/],
    ["a line", "x".repeat(1022), 1],
    ["a line that is too long", "x".repeat(1023), 0, /the line has 1023 octets or more/],
    ["a line of longer letters", `${"€".repeat(340)}xx`, 1],
    ["one that is too long", "€".repeat(341), 0, /the line has 1023 octets or more/],
    ["two values", `$A=${half}\ny \${A}\${A}`, 1],
    [
      "values that are too long",
      `$A=${half}\nyy \${A}\${A}`,
      0,
      /the line has 1023 octets or more/,
    ],
  ];
  for (const [name, text, count, pattern] of cases) {
    await t.step(name, () => {
      const { statements, findings } = parseText(text);
      assert.equal(statements.length, count ?? 0);
      assert.equal(findings.length, pattern === undefined ? 0 : 1);
      if (pattern !== undefined) assert.match(findings[0]!, pattern);
    });
  }
});

Deno.test("parameters are replaced when they are used, not when they are defined", async (t) => {
  const cases: readonly [string, string, string][] = [
    ["plain", "$A=1\nx $A ${A}2 $A", "x 1 12 1"],
    ["only before a blank or the end", "$A=1\nx $Ab $A.5", "x $Ab $A.5"],
    [
      "of parameters",
      "$N=10.2.${S}\n$S=0\n${N}.1/32\n$S=10\n${N}.1/32",
      "10.2.0.1/32; 10.2.10.1/32",
    ],
    ["empty", "$A=\nx ${A}y", "x y"],
    ["undefined without braces", "x $HOME", "x $HOME"],
    ["undefined in quotation marks", 'x "${HOME}/y"', "x ${HOME}/y"],
    ["a condition", "$IF=@lb01\n$IF a\n$OTHER=@lb02\n$OTHER b", "a"],
    ["defined on a condition", "@lb01 $A=1\n@lb02 $A=2\nx $A", "x 1"],
    ["several lines", "$B= \\\nx { \\\n  y ${N} \\\n}\n$N=1\n$B\n$N=2\n$B", "x { y 1 }; x { y 2 }"],
    [
      "several lines in several lines",
      "$R= \\\nr ${N}.${M} \\\n\n$V= \\\nv { \\\n$M=1 \\\n$R \\\n$M=2 \\\n$R \\\n}\n$N=7\n$V",
      "v { r 7.1; r 7.2 }",
    ],
    ["predefined", "x ${_INSTANCE} ${_HASH} ${_BANG} ${_PWD}", "x lb01 # ! ."],
    ["comment after the value", "$A=1 # one\nx $A", "x 1"],
  ];
  for (const [name, text, want] of cases) {
    await t.step(name, () => {
      const { statements, findings } = parseText(text);
      const others = findings.filter((finding) => !finding.includes("not for this node"));
      assert.deepEqual([outline(statements), others], [want, []]);
    });
  }
});

Deno.test("parameters that cannot be replaced are errors", async (t) => {
  const cases: readonly [string, RegExp][] = [
    ["x ${A}", /:1: error: x: \$\{A\} is not defined above/],
    ["$A=${B}\n$B=${A}\nx ${A}", /:3: error: x: a parameter uses itself/],
    ["$A=${A}${A}\nx ${A}", /a parameter uses itself/],
    ["x ${_RANDOM 1 9}", /:1: error: x: \$\{_RANDOM 1 9\} is another number at each start/],
    ['x "${_ENV NAME}"', /:1: error: x: the environment has no variable "NAME"/],
    ["x ${_ENV}", /:1: error: x: \$\{_ENV\} names no variable/],
    ["$A= \\\nx \\\n$A \\\n$A\n$A", /parameters in parameters have no end|uses itself/],
  ];
  for (const [text, pattern] of cases) {
    await t.step(JSON.stringify(text), () => {
      const { findings } = parseText(text);
      assert.equal(findings.length, 1, findings.join("\n"));
      assert.match(findings[0]!, pattern);
    });
  }
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

Deno.test("of parameters without an end nothing is read but that they have none", () => {
  const { statements, findings } = parseText("$A= \\\nvrrp_instance X { \\\n$A\n\n$A\n");
  assert.deepEqual(statements, []);
  assert.equal(findings.length, 1);
  assert.match(findings[0]!, /parameters in parameters have no end|more than 100 blocks are open/);
});
